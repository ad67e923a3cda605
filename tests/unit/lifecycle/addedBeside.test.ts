import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { stemOf } from "../../../provider/ownership/index.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { unfolded } from "../../support/unfolded.ts";
import { temporaryDirectory } from "../cluster/support.ts";

const dev = { arn: "arn:aws:iam::111122223333:role/dev", username: "dev", groups: ["viewers"] };

describe("a mapping that gets an entry beside another one is told of that", () => {
  let provider: typeof import("../../../provider/index.ts");
  let manifest: string;
  let told: string[] = [];
  beforeEach(async () => {
    vi.spyOn(console, "error").mockImplementation((text) => void told.push(unfolded(String(text))));
    manifest = join(await temporaryDirectory(), "aws-auth.yaml");
    await writeFile(manifest, manifestOf({ mapRoles: "[]\n" }));
    await startProcess();
    return () => vi.restoreAllMocks();
  });

  async function startProcess(): Promise<void> {
    vi.resetModules();
    provider = await import("../../../provider/index.ts");
    told = [];
  }

  async function check(stack: string, name: string, olds: object, given: object) {
    const urn = `urn:pulumi:${stack}::infra::t::${name}`;
    const __context = JSON.stringify({ urn, label: `o/infra/${stack} ${name}`, stem: stemOf("o", urn) });
    const { inputs, failures } = await provider.check({ ...olds }, { cluster: { manifest }, ...given, __context });
    expect(failures).toEqual([]);
    return { ...inputs };
  }

  async function create(stack: string, name: string, given: object) {
    const inputs = await check(stack, name, {}, given);
    const { outs } = await provider.create(inputs);
    return { inputs, outs: { ...outs } };
  }

  it("where another provider of its program has a mapping of the same role, and shares its entry so far", async () => {
    const one = await create("prod", "one", dev);
    await startProcess();
    await create("prod", "two", dev);
    await startProcess();
    const next = await check("prod", "one", one.inputs, { ...dev, groups: ["editors"] });
    expect(told).toContainEqual(
      expect.stringMatching(
        /^warning: arn ".*" is mapped by this program already: .* claimed by "o\/infra\/prod two";/,
      ),
    );
    await provider.update("", one.outs, next);
    expect((await readFile(manifest, "utf8")).match(/role\/dev\n/g)).toHaveLength(2);
  });

  it("where another stack has taken over its entry, which it may not claim alone", async () => {
    const one = await create("prod", "one", { ...dev, noDuplicateARNs: false });
    await startProcess();
    await create("other", "admin", { ...dev, groups: ["admins"], adopt: true });
    await startProcess();
    await check("prod", "one", one.inputs, { ...dev, noDuplicateARNs: false });
    expect(told).toContainEqual(
      expect.stringMatching(/^warning: arn ".*" is mapped more than once .* claimed by "o\/infra\/other admin";/),
    );
  });

  const shared = { ...dev, noDuplicateARNs: false };
  const others = { ...shared, groups: ["editors"] };

  it("where another new one of its program is for the same role, since any of them may be written last", async () => {
    const one = await check("prod", "one", {}, shared);
    expect(told).toEqual([]);
    const two = await check("prod", "two", {}, others);
    expect(told).toContainEqual(
      expect.stringMatching(
        /^warning: arn ".*" is mapped by several resources of this program; another one says .*"viewers"\]; this resource says .*"editors"\]; .* uses only the last, and a run adds new ones in any order;/,
      ),
    );
    await provider.create(two);
    await provider.create(one);
    const groups = (await readFile(manifest, "utf8")).match(/(?<=- )"?(?:viewers|editors)/g);
    expect(groups).toEqual(["editors", "viewers"]);
  });

  it("where its program has one for the same role already, and allows both", async () => {
    const one = await create("prod", "one", shared);
    await startProcess();
    await check("prod", "one", one.inputs, shared);
    expect(told).toEqual([]);
    const two = await create("prod", "two", others);
    expect(told).toContainEqual(
      expect.stringMatching(
        /^warning: arn ".*" is mapped by this program already: .* claimed by "o\/infra\/prod one";/,
      ),
    );
    await startProcess();
    await check("prod", "one", one.inputs, shared);
    await check("prod", "two", two.inputs, others);
    expect(told).toEqual([]);
  });

  it("of another stack, and so is its delete, after which that one counts again", async () => {
    const one = await create("prod", "one", shared);
    await startProcess();
    const two = await create("other", "two", others);
    await startProcess();
    await provider.delete("two", two.outs);
    const remains = `warning: 1 entry for arn "${dev.arn}" remains in kube-system/aws-auth and still gives access`;
    expect(told).toEqual([remains]);
    const again = await create("other", "two", others);
    await startProcess();
    await provider.delete("one", one.outs);
    expect(told).toEqual([]);
    await provider.delete("two", again.outs);
  });

  it("and so is the delete of one beside another one of its program and an entry of nobody", async () => {
    await writeFile(manifest, manifestOf({ mapRoles: `- rolearn: ${dev.arn}\n  username: somebody\n` }));
    const one = await create("prod", "one", shared);
    await startProcess();
    const two = await create("prod", "two", others);
    await startProcess();
    await check("prod", "one", one.inputs, shared);
    await provider.delete("two", two.outs);
    const remains = `warning: 1 entry for arn "${dev.arn}" remains in kube-system/aws-auth and still gives access`;
    expect(told).toContainEqual(remains);
  });
});
