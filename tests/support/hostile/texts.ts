/** Control characters of terminals, and characters that make a string look like another one: each must be escaped in the output. */
export const hostileTexts = {
  "a colour": "\u001b[31mred\u001b[0m",
  "a title of the window": "\u001b]0;owned\u0007",
  "a clipboard": "\u001b]52;c;cm0gLXJmIC8=\u0007",
  "a control sequence of one character": "\u009b31mred",
  "a line above": "x\u001b[1A\u001b[2Kall is well",
  "a line of its own": "x\nerror: nothing is wrong",
  "a return to the line's begin": "bad\rgood",
  "a backspace": "bad\b\b\bgood",
  "a text from right to left": "user\u202Enimda",
  "an isolate": "a\u2066b\u2069",
  "a line separator": "a\u2028b\u2029c",
  "nothing that shows": "ad\u200bmin\u2060\ufeff",
  "a tag of Unicode": "a\u{e0041}b",
  "a bell and a null": "a\u0007b\u0000c",
  "a delete": "a\u007fb",
  "the end of a comment and of a program": `*/ \`$\{process.exit()}\` "); process.exit(); //`,
} as const satisfies Readonly<Record<string, string>>;

/** Characters that no output line may contain; tabs and line breaks are the command's own. */
export const unsafeCharacters = /[^\t\n\P{C}]|[\u2028\u2029]/u;
