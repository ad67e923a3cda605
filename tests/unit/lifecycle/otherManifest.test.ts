import { readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { temporaryDirectory } from "../cluster/support.ts";

const arn = "arn:aws:iam::111122223333:role/ci";
const empty = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n";

afterEach(() => void vi.restoreAllMocks());

async function startRun() {
  vi.resetModules();
  const provider = await import("../../../provider/index.ts");
  await provider.configure({ config: { get: () => undefined, require: () => "" } });
  return provider;
}

it("an entry is not left in a manifest because the link to it leads elsewhere by the delete", async () => {
  const said: string[] = [];
  vi.spyOn(console, "error").mockImplementation((text) => void said.push(String(text)));
  const directory = await temporaryDirectory();
  const path = (name: string) => join(directory, name);
  await writeFile(path("a.yaml"), empty);
  await writeFile(path("b.yaml"), empty);
  await symlink("a.yaml", path("current.yaml"));
  const first = await startRun();
  const given = { arn, username: "ci", groups: ["x"], cluster: { manifest: path("current.yaml") } };
  const { inputs } = await first.check({}, { ...given, __context: JSON.stringify({ urn: "urn::t::ci" }) });
  const { id, outs } = await first.create(inputs ?? {});
  expect(await readFile(path("a.yaml"), "utf8")).toContain(arn);
  await symlink("b.yaml", path("next"));
  await rename(path("next"), path("current.yaml"));
  const outcome = await (await startRun()).delete(id, { ...outs }).then(
    () => "deleted",
    () => "refused",
  );
  const isLeft = (await readFile(path("a.yaml"), "utf8")).includes(arn);
  expect([outcome, isLeft, said.length > 0]).not.toEqual(["deleted", true, false]);
});

it("a manifest that is not there, as in another checkout, is told of in a delete and a refresh", async () => {
  const said: string[] = [];
  vi.spyOn(console, "error").mockImplementation((text) => void said.push(String(text)));
  const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
  const state = { arn, username: "ci", groups: ["x"], cluster: { manifest } };
  const run = await startRun();
  await run.read("id", { ...state });
  await run.delete("id", { ...state });
  expect(said.join()).toContain(manifest);
});
