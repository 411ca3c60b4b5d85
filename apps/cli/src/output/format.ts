/** Thousands apart, for people: 1,234,567. */
export const count = (value: number | bigint | null | undefined): string =>
  value === null || value === undefined ? '-' : value.toLocaleString('en-US');

/** `0.2 s`, `42 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '-';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

/** How much is done; what has not ended stays below 100 %, whatever the estimate of the total says. */
export const percent = (done: number, total: number, ended: boolean): string =>
  `${Math.min(ended ? 100 : 99, total === 0 ? 100 : Math.floor((done / total) * 100))} %`;

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text of other people's making with its control characters written out: none may steer the reader's terminal. */
export const printable = (text: string): string =>
  text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escaped);

/** The same JSON with the control characters written out that JSON itself leaves as they are. */
export const printableJson = (json: string): string =>
  json.replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, escaped);
