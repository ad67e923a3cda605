import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { processTerminal } from "../../../cli/output.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import { printable } from "../../../provider/text/text.ts";
import { cliDirectory } from "../../support/cli/runCli.ts";
import { startApiServer } from "../../support/cluster/apiServer.ts";
import { kubeconfigOf } from "../../support/cluster/kubeconfigs.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { hostileTexts, unsafeCharacters } from "../../support/hostile/texts.ts";
import { iam } from "../../support/migration/world.ts";

const texts = Object.values(hostileTexts);

/** A string in YAML, with every character escaped that JSON can escape, except printable ASCII. */
const yaml = (text: string) =>
  `"${[...JSON.stringify(text).slice(1, -1)]
    .map((character) => {
      const isRaw = /[\x20-\x7e]|[^\0-\uffff]/u.test(character);
      return isRaw ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    })
    .join("")}"`;

const arn = (index: number) => iam(`role/r${index}`);

/** Every text in every position of a map that accepts a string. */
const mapRoles = [...texts, "plain"]
  .map(
    (text, index) =>
      `- rolearn: ${arn(index)}\n  username: ${yaml(text)}\n  groups: [${yaml(text)}]\n` +
      `- rolearn: ${yaml(`${arn(index)}${text}`)}\n  username: u${index}\n` +
      `- sso: {permissionSetName: ${yaml(text)}, accountID: ${yaml(text)}, partition: ${yaml(text)}}\n`,
  )
  .join("");
const mapAccounts = texts.map((text) => `- ${yaml(text)}\n`).join("");

const { here, write } = cliDirectory({ "map.yaml": manifestOf({ mapRoles, mapAccounts }) });
const onMap = (...args: readonly string[]) => here(...args, "--manifest", "@map.yaml");

describe("the command line with a hostile map", () => {
  it.each([
    ["get"],
    ["get", "-o", "json"],
    ["get", "-o", "yaml"],
    ["lint"],
    ["lint", "-o", "json"],
    ["explain", arn(0)],
    ["explain", `${arn(0)}\u001b[31m`],
    ["import"],
    ["import", "-o", "yaml"],
    ["import", "-o", "pulumi-import"],
  ])("prints no terminal control sequences in %s", async (...args) => {
    const { out, err } = await onMap(...args);
    expect(out + err).not.toMatch(unsafeCharacters);
    expect(out + err).toMatch(/\\(?:u001b|e)\[31m/);
  });

  it("prints JSON and YAML with the complete content", async () => {
    const { out: json } = await onMap("get", "-o", "json");
    const { out: text } = await onMap("get", "-o", "yaml");
    const entries: { username?: string; account?: string }[] = JSON.parse(json);
    for (const hostile of texts) {
      expect(entries).toContainEqual(expect.objectContaining({ username: hostile, groups: [hostile] }));
      expect(entries).toContainEqual({ account: hostile });
    }
    expect(parse(text)).toEqual(entries);
  });
});

it.each([
  [
    "shows and erases the progress of several reads on a terminal",
    true,
    "",
    ["\r\u001b[Kread 1 of 2 clusters", "\r\u001b[K"],
  ],
  ["shows no progress without a terminal", undefined, "", []],
  ["shows no progress in CI", true, "true", []],
])("%s", (_title, isTTY, CI, expected) => {
  vi.stubEnv("CI", CI);
  const before = process.stderr.isTTY;
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  Object.assign(process.stderr, { isTTY });
  const { progress } = processTerminal();
  progress?.(1, 1);
  progress?.(1, 2);
  progress?.(2, 2);
  const written = write.mock.calls.map(([text]) => text);
  Object.assign(process.stderr, { isTTY: before });
  write.mockRestore();
  vi.unstubAllEnvs();
  expect(written).toEqual(expected);
});

describe("an error", () => {
  const all = texts.join(" ");
  const kubeconfig = (server: string, user: object) =>
    JSON.stringify({
      clusters: [{ name: all, cluster: { server } }],
      users: [{ name: all, user }],
      contexts: [{ name: all, context: { cluster: all, user: all } }],
    });
  const exec = { command: `/${all}`, installHint: all };

  it.each([
    ["a manifest of a different kind", "--manifest", `kind: ${yaml(all)}\nmetadata: {name: ${yaml(all)}}\n`],
    ["a key of a manifest", "--manifest", manifestOf({}).replace("\ndata:", `\ndata:\n  ${yaml(all)}: [1]`)],
    ["a manifest that is not YAML", "--manifest", "a: b: \u001b[31m\u202e\u009b\n"],
    ["a kubeconfig's names", "--kubeconfig", kubeconfig("https://127.0.0.1:9", { exec })],
    ["a kubeconfig's server", "--kubeconfig", kubeconfig(all, {})],
  ])("about %s contains no terminal control sequences", async (_title, option, text) => {
    write({ hostile: text });
    const { out, err } = await here("get", option, "@hostile");
    expect(err).toMatch(/^error: .*\n$/);
    expect(err).not.toContain("this is a bug");
    expect(out + err).not.toMatch(unsafeCharacters);
  });

  it("about a file name contains no terminal control sequences", async () => {
    const { err } = await here("get", "--manifest", "@no\u001b[31m\u202e");
    expect(err).toMatch(/^error: manifest "no\\u001b\[31m\\u202e" does not exist/);
    expect(err).not.toMatch(unsafeCharacters);
  });

  it("about a refusal by an API server contains no terminal control sequences", async () => {
    const server = await startApiServer({});
    const body = { kind: "Status", message: all, reason: all, details: { name: all } };
    server.defaultFault = () => ({ status: 403, body });
    write({ kubeconfig: kubeconfigOf({ x: server.url }) });
    const { err } = await here("get", "--kubeconfig", "@kubeconfig");
    expect(err).toMatch(/\n?error: .* refuses to get kube-system\/aws-auth .*red.*\n$/);
    expect(err).not.toMatch(unsafeCharacters);
  });

  it.each(Object.entries(hostileTexts))("escapes %s in its message", (_title, text) => {
    expect(new AwsAuthError("rejected", text).message.replaceAll("\n", "")).not.toMatch(unsafeCharacters);
    expect(printable(text)).not.toMatch(/[^\x20-\x7e]/);
    // The escapes are those of JSON, so nothing is lost.
    expect(JSON.parse(`"${printable(text.replaceAll('"', ""))}"`)).toBe(text.replaceAll('"', ""));
  });
});
