/** Longest word of a user's that a message repeats in full, in characters. */
const longestWord = 200;
const longestMessage = 2_000;
const longWord = new RegExp(`\\S{${longestWord},}`, 'gu');

/**
 * A message in which words of unreasonable length are cut in their middle: a text that somebody wrote may hold
 * anything, and what a message repeats of it should fit on a screen.
 */
export function shortened(message: string): string {
  const words =
    message.length > longestWord ? message.replace(longWord, (word) => cut(word, longestWord)) : message;
  return words.length > longestMessage ? cut(words, longestMessage) : words;
}

function cut(text: string, length: number): string {
  const half = Math.floor((length - 1) / 2);
  return `${text.slice(0, half)}…${text.slice(-half)}`.replace(/\p{Surrogate}/gu, '');
}
