import { restCommand } from './rest-command';

test('a call with a body is one that a shell sends as it is', () => {
  expect(restCommand('discardDeadLetters', { body: { code: 'X', column: "it's" } })).toBe(
    `curl -X POST "$CONSOLE_URL"/api/v1/dead-letters/discard -H "Authorization: Bearer $TOKEN"` +
      ` -H 'content-type: application/json' -d '{"code":"X","column":"it'\\''s"}'`,
  );
});
