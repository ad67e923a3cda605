import { describe, expect, it } from "vitest";
import { account, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { rolesTo, stackOf } from "./entryStack.ts";

const [admin] = rolesTo(1, ["system:masters"]);
const urn = "urn:pulumi:prod::infra::t::p0000";

/** What a preview says of a program that no longer declares the administrator of a stack. */
async function preview(protection: "warn" | "error", declared: readonly { readonly arn: string }[] = []) {
  const world = await entriesWorld("API");
  const [stored] = await stackOf(world, admin === undefined ? [] : [admin]);
  if (stored === undefined) {
    throw new Error("nothing is stored");
  }
  const config: Readonly<Record<string, string>> = { "aws-auth:lockoutProtection": protection };
  const settings = { ...world.settings, config: (key: string) => config[key] };
  for (const { arn } of declared) {
    world.aws.principals.create(arn);
  }
  // Each run loads its own copy of the code.
  const { previewRun } = await import("../../../provider/lifecycle/preview.ts");
  return previewRun(
    [{ urn, outputs: stored.outs }],
    declared.map(({ arn }) => ({
      urn: urn.replace("p0000", "other"),
      inputs: { ...stored.outs, arn, __accessEntry: { principalArn: arn } },
      ignoreChanges: [],
      isChanged: true,
    })),
    settings,
  );
}

describe("the last administrator's access entry that a program removes", () => {
  it("is told of in the preview", async () => {
    const { warnings, refusal } = await preview("warn");
    expect(warnings).toEqual([
      expect.stringMatching(
        /^IdentityMapping "p0000": arn ".*role\/p0000" has the only mapping to system:masters on EKS cluster "prod" .*this run deletes its access entry, unless retainOnDelete/,
      ),
    ]);
    expect(refusal).toBeUndefined();
  });

  it("is kept from going where the settings say so", async () => {
    const { warnings, refusal } = await preview("error");
    expect(warnings).toEqual([]);
    expect(refusal).toContain("aws-auth:lockoutProtection is error, so this is refused");
  });

  it("may go where another one comes first", async () => {
    const arn = `arn:aws:iam::${account}:role/other`;
    expect(await preview("error", [{ arn }])).toMatchObject({ warnings: [], refusal: undefined });
  });
});
