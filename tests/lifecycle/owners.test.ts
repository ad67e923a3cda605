import { describe, expect } from "vitest";
import { claimsInTags, parseClaims } from "../../provider/claims.ts";
import { dev, it, modes } from "../support/lifecycle/fixture.ts";
import { Stack } from "../support/lifecycle/stack.ts";
import type { World } from "../support/lifecycle/world.ts";

/** The owners of all claims, in both places. */
function ownersIn({ claims, entries }: World): readonly string[] {
  const tagged = [...entries.values()].flatMap(({ tags }) => claimsInTags(tags, ""));
  const lines = parseClaims(claims).flatMap(({ claim }) => claim ?? []);
  return [...new Set([...lines, ...tagged].map(({ owner }) => owner))].sort();
}

describe.each(modes)("a claim in mode %s", (authenticationMode) => {
  const mapping = { ...dev, authenticationMode };
  const program = { mappings: { dev: mapping } };

  it("follows its stack to a new name, and a new stack with the old name removes nothing", async ({ world, stack }) => {
    await stack.up(program);
    stack.name = "stage";
    const { steps, messages } = await stack.preview(program);
    expect(steps).toEqual({ dev: "update" });
    expect(messages).toContain(
      `info: the claim of "infra/prod dev" on arn "${dev.arn}" is updated to the current names of the stack and resource`,
    );
    expect(await stack.up(program)).toEqual([]);
    expect(ownersIn(world)).toEqual(["infra/stage dev"]);
    expect((await stack.preview(program)).steps).toEqual({ dev: "same" });
    const successor = new Stack(world, "prod");
    const isShared = authenticationMode === "CONFIG_MAP";
    expect(await successor.up(program)).toHaveLength(isShared ? 0 : 1);
    expect(await successor.destroy()).toEqual([]);
    expect(ownersIn(world)).toEqual(["infra/stage dev"]);
    expect(world.hasAccess("dev")).toBe(true);
    expect(await stack.destroy()).toEqual([]);
    expect(world.hasAccess("dev")).toBe(false);
    expect(world.remainingClaims).toEqual([]);
  });

  it("follows a change to aws-auth:owner, and a move to a component", async ({ world, stack }) => {
    await stack.up(program);
    stack.owner = "team-a";
    await stack.up(program);
    expect(ownersIn(world)).toEqual(["infra/prod dev (team-a)"]);
    stack.rename("dev", "developers");
    const { steps } = await stack.preview({ mappings: { developers: mapping } });
    expect(steps).toEqual({ developers: "update" });
    await stack.up({ mappings: { developers: mapping } });
    expect(ownersIn(world)).toEqual(["infra/prod developers (team-a)"]);
  });

  it.for([1, 2, 3, 4, 5, 6])(
    "is removed by a destroy after a rename whose up was killed at call %i",
    async (at, { world, stack }) => {
      await stack.up(program);
      stack.name = "stage";
      await stack.up(program, { at, kind: "killAfter" });
      expect(await stack.destroy()).toEqual([]);
      expect(world.hasAccess("dev")).toBe(false);
      expect(world.remainingClaims).toEqual([]);
    },
  );

  it("does not belong to a stack with a copy of the state", async ({ world, stack }) => {
    await stack.up(program);
    const copy = stack.copy("copy");
    await copy.up(program);
    const isShared = authenticationMode === "CONFIG_MAP";
    const forget = `pulumi state delete 'urn:pulumi:prod::infra::aws-auth:index:IdentityMapping::dev'`;
    expect(await stack.up(program)).toEqual(isShared ? [] : [expect.stringContaining(forget)]);
    expect(ownersIn(world)).toEqual(["infra/copy dev", ...(isShared ? ["infra/prod dev"] : [])]);
    if (isShared) {
      expect(await copy.destroy()).toEqual([]);
      expect(ownersIn(world)).toEqual(["infra/prod dev"]);
      expect(world.hasAccess("dev")).toBe(true);
    }
  });

  it("is taken over from an interrupted run with a message", async ({ world, stack }) => {
    await stack.up(program);
    stack.states.clear();
    const { messages } = await stack.preview(program);
    expect(messages).toContainEqual(
      expect.stringMatching(
        /^warning: this run takes over the claim of "infra\/prod dev" on arn ".*", left by an interrupted run .*aws-auth:owner/,
      ),
    );
    expect(await stack.up(program)).toEqual([]);
    expect(ownersIn(world)).toEqual(["infra/prod dev"]);
  });
});
