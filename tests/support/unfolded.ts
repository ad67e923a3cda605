/**
 * What a user is shown, with the lines of each message put together again, so that its text can be compared. A line that goes on is
 * indented more than the one that it began in; the lists of the engine, and what it says of the severity, are lines of their own.
 */
export function unfolded(output: string): string {
  return output.replace(
    /\n {2,}(?=\S)(?![-+~*@=[\]{}]|(?:error|warning|info|note)\b|pulumi|aws-auth: |\w+ *:\s|\d+ \w+|[\w./-]+:\d+:)/g,
    " ",
  );
}
