/**
 * The processor's time that any of these may take to be read and refused, in milliseconds; a reader that they fool takes minutes,
 * or all memory.
 */
export const patience = 4_000;

const arn = "arn:aws:iam::111122223333:role/a";
const entry = `- rolearn: ${arn}\n  username: `;
const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

/** Lists of YAML that are small, and want to be large, deep or slow to read. */
export const yamlBombs = {
  "a billion laughs": `- &a0 [lol]\n${lines(12, (i) => `- &a${i + 1} [${Array(10).fill(`*a${i}`).join(", ")}]`)}\n`,
  "laughs in maps": `- ${lines(
    10,
    (i) =>
      `a${i}: &a${i} [${Array(10)
        .fill(i === 0 ? "lol" : `*a${i - 1}`)
        .join(", ")}]`,
  ).replace(/\n/g, "\n  ")}\n`,
  "merge keys that double": `- &a0 {x: 1}\n${lines(40, (i) => `- &a${i + 1} {<<: [*a${i}, *a${i}]}`)}\n`,
  "a chain of aliases": `- &a0 [x]\n${lines(5_000, (i) => `- &a${i + 1} [*a${i}]`)}\n`,
  "an anchor in itself": "- &a [*a]\n",
  "an alias without anchor": "- *gone\n",
  "open brackets": `- ${"[".repeat(500_000)}`,
  "deep brackets": `- ${"[".repeat(50_000)}${"]".repeat(50_000)}\n`,
  "deep braces": `- ${"{a: ".repeat(50_000)}${"}".repeat(50_000)}\n`,
  "deep dashes": `${"- ".repeat(200_000)}x\n`,
  "deep question marks": `- ${"? ".repeat(200_000)}\n`,
  "deep lines": `${lines(2_000, (i) => `${" ".repeat(i)}- `)}\n`,
  "a long quoted text": `${entry}"${"x".repeat(1_000_000)}"\n`,
  "a long text of escapes": `${entry}"${"\\\\".repeat(400_000)}"\n`,
  "a quote that is not closed": `${entry}"${"\\\\".repeat(400_000)}\n`,
  "a long key": `- ${"k".repeat(1_000_000)}: v\n`,
  "many keys": `- ${lines(20_000, (i) => `k${i}: v`).replace(/\n/g, "\n  ")}\n`,
  "many blank lines": `${entry}a\n${"\n".repeat(200_000)}- x\n`,
  "a long run of spaces": `#${" ".repeat(400_000)}x\n[]\n`,
  "many templates": `${entry}${"{{".repeat(100_000)}\n`,
  "many slashes": `- rolearn: ${arn}${"/".repeat(200_000)}\n  username: x\n`,
} as const satisfies Readonly<Record<string, string>>;
