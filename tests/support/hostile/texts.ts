/** Control characters of terminals, and characters that make a string look like another one: each must be escaped in the output. */
export const hostileTexts = {
  "a colour": "\u001b[31mred\u001b[0m",
  "a window title": "\u001b]0;owned\u0007",
  "a clipboard": "\u001b]52;c;cm0gLXJmIC8=\u0007",
  "a one-character control sequence": "\u009b31mred",
  "a move to the line above": "x\u001b[1A\u001b[2Kall is well",
  "a separate line": "x\nerror: nothing is wrong",
  "a carriage return": "bad\rgood",
  "a backspace": "bad\b\b\bgood",
  "right-to-left text": "user\u202Enimda",
  "an isolate": "a\u2066b\u2069",
  "a line separator": "a\u2028b\u2029c",
  "invisible characters": "ad\u200bmin\u2060\ufeff",
  "a Unicode tag": "a\u{e0041}b",
  "a bell and a null": "a\u0007b\u0000c",
  "a delete": "a\u007fb",
  "a color command of Pulumi": "a<{%bogus%}>b",
  "the end of a comment and of a program": `*/ \`$\{process.exit()}\` "); process.exit(); //`,
} as const satisfies Readonly<Record<string, string>>;

/** Text that no output line may contain; tabs and line breaks are the command's own. */
export const unsafeCharacters = /[^\t\n\P{C}]|[\u2028\u2029]|<\{%/u;
