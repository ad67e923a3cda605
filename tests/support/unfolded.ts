/**
 * The output for a user, with the lines of each message joined, so that its text can be compared. A continuation line is
 * indented more than the first line of its message; the engine's lists and severities are separate lines.
 */
export function unfolded(output: string): string {
  return output.replace(
    /\n {2,}(?=\S)(?![-+~*@=[\]{}]|(?:error|warning|info|note)\b|pulumi|aws-auth: |\w+ *:\s|\d+ \w+|[\w./-]+:\d+:)/g,
    " ",
  );
}
