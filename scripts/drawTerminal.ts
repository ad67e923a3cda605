// The README is read in columns of 640 pixels and more: at 84 characters the text is 12 pixels high there, and 14 in a wider one.
const columns = 84;
const size = { font: 14, character: 8.43, line: 20, margin: 16 } as const;

/** Draws a terminal's lines as an SVG in the reader's colour scheme, which asks for nothing else: no font, script or other file. */
export function drawTerminal(output: string): string {
  const lines = output
    .trimEnd()
    .split("\n")
    .flatMap((line) => wrap(line.trimEnd()));
  const width = Math.ceil(columns * size.character + 2 * size.margin);
  const height = lines.length * size.line + 2 * size.margin;
  const texts = lines.map((line, index) => {
    const baseline = size.margin + index * size.line + size.font;
    return `  <text x="${size.margin}" y="${baseline}" xml:space="preserve">${colour(escapeMarkup(line))}</text>\n`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
  <title>${escapeMarkup(lines[0] ?? "")}</title>
${style}  <rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6"/>
${texts.join("")}</svg>
`;
}

const style = `  <style>
    rect { fill: #f6f8fa; stroke: #d1d9e0 }
    text { fill: #1f2328; font: ${size.font}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
    .command, .heading { font-weight: bold }
    .added { fill: #116329 }
    .changed { fill: #7d4e00 }
    .error { fill: #cf222e; font-weight: bold }
    @media (prefers-color-scheme: dark) {
      rect { fill: #151b23; stroke: #3d444d }
      text { fill: #f0f6fc }
      .added { fill: #7ee787 }
      .changed { fill: #e3b341 }
      .error { fill: #ff7b72 }
    }
  </style>
`;

/** A line in pieces that fit, cut at spaces; the pieces that follow are indented a little more. */
function wrap(line: string): string[] {
  if (line.length <= columns) {
    return [line];
  }
  const indent = line.search(/\S/);
  const space = line.lastIndexOf(" ", columns);
  const cut = space > indent ? space : columns;
  const rest = line.slice(cut).trimStart();
  const indented = " ".repeat(/^ *(?:error|adoption of arn)\b/.test(line) ? indent + 2 : indent);
  return [line.slice(0, cut), ...wrap(indented + rest)];
}

function colour(line: string): string {
  return line
    .replace(/^\$ .*$/, '<tspan class="command">$&</tspan>')
    .replace(/^\w+:$/, '<tspan class="heading">$&</tspan>')
    .replace(/^ *\+ /, '<tspan class="added">$&</tspan>')
    .replace(/^ *~ /, '<tspan class="changed">$&</tspan>')
    .replace(/\b(gains|keeps) {2}/, '<tspan class="added">$&</tspan>')
    .replace(/\bloses {2}/, '<tspan class="error">$&</tspan>')
    .replace(/error:|\d+ errored|\d+ error$/, '<tspan class="error">$&</tspan>');
}

function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
