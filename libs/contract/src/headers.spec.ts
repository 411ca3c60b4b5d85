import { headerText, topicNames } from './headers';

describe('headerText', () => {
  it('gives the text of a header that is there once', () => {
    const headers = { a: Buffer.from('é'), b: 'x', c: ['x', 'y'], d: undefined };
    expect(['a', 'b', 'c', 'd', 'e'].map((name) => headerText(headers, name))).toEqual([
      'é',
      'x',
      undefined,
      undefined,
      undefined,
    ]);
    expect(headerText(undefined, 'a')).toBeUndefined();
  });
});

describe('topicNames', () => {
  it('are those of docs/change-event.md', () => {
    expect(topicNames('tributary')).toMatchObject({
      changes: 'tributary.changes',
      validated: 'tributary.validated',
      loads: 'tributary.loads',
      validatedLoads: 'tributary.validated-loads',
      deadLetters: 'tributary.dead-letters',
    });
  });
});
