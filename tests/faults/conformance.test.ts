import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultLimits } from "../../provider/cluster/request.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import { cases } from "../support/nightly.ts";
import { statusBody, type Trick } from "../unit/cluster/apiServer.ts";
import { denied } from "./awsFaults.ts";
import { ProgramStack } from "./programStack.ts";
import { dev, useProgramWorld } from "./programWorld.ts";

/** What becomes of one call. After a kill no call arrives any more, and the state is what it was. */
const faults = ["refused", "lost on the way", "answer lost", "killed before", "killed after"] as const;
type Fault = (typeof faults)[number];

/** Every n-th fault of a call is tried; 1: all of them at every call, which takes some ten minutes. */
const step = Number(process.env["FAULT_STEP"] ?? cases(11, 7));

const changed = { ...dev, groups: ["ops"] };

interface Stacks {
  readonly own: ProgramStack;
  readonly other: ProgramStack;
  readonly mode: AuthenticationMode;
  /** Somebody makes an entry by hand. */
  foreign(): void;
}

/** One operation of a stack, and what is there in the end. */
interface Operation {
  readonly title: string;
  readonly prepare: (stacks: Stacks) => Promise<unknown>;
  readonly act: (stacks: Stacks) => Promise<readonly string[]>;
  /** The groups of the entry; undefined: there is none. */
  readonly groups: readonly string[] | undefined;
  readonly claims: readonly string[];
  /** Whether another stack needs the entry all the time. */
  readonly isShared?: boolean;
  /** Whether it creates, so that a state that knows nothing of it must leave nothing. */
  readonly isCreate?: boolean;
}

const up = ({ own, mode }: Stacks, mapping: object) => own.up({ mappings: { dev: { ...mapping } }, mode });
const upOfOther = ({ other, mode }: Stacks) => other.up({ mappings: { dev }, mode });

const operations: readonly Operation[] = [
  {
    title: "a create",
    prepare: async () => {},
    act: (stacks) => up(stacks, dev),
    groups: ["viewers"],
    claims: ["o/t/s dev"],
    isCreate: true,
  },
  {
    title: "an update",
    prepare: (stacks) => up(stacks, dev),
    act: (stacks) => up(stacks, changed),
    groups: ["ops"],
    claims: ["o/t/s dev"],
  },
  {
    title: "an adoption",
    prepare: async ({ foreign }) => foreign(),
    act: (stacks) => up(stacks, { ...dev, adopt: true }),
    groups: ["viewers"],
    claims: ["o/t/s dev"],
  },
  {
    title: "a create of what another stack has",
    prepare: upOfOther,
    act: (stacks) => up(stacks, dev),
    groups: ["viewers"],
    claims: ["o/t/other dev", "o/t/s dev"],
    isShared: true,
    isCreate: true,
  },
  {
    title: "a delete of what another stack has",
    prepare: async (stacks) => [await upOfOther(stacks), await up(stacks, dev)],
    act: ({ own, mode }) => own.destroy({ mode }),
    groups: ["viewers"],
    claims: ["o/t/other dev"],
    isShared: true,
  },
  {
    title: "a delete",
    prepare: (stacks) => up(stacks, dev),
    act: ({ own, mode }) => own.destroy({ mode }),
    groups: undefined,
    claims: [],
  },
];

describe.each<AuthenticationMode>(["CONFIG_MAP", "API", "API_AND_CONFIG_MAP"])("in mode %s", (mode) => {
  const at = useProgramWorld();
  beforeAll(() => {
    Object.assign(defaultLimits, { firstPause: 5 });
  });
  let stacks: Stacks;
  beforeEach(() => {
    stacks = stacksOn();
  });

  function stacksOn(): Stacks {
    const { name, api } = at.cluster;
    return {
      own: at.stack,
      other: new ProgramStack(name, "o/t/other"),
      mode,
      foreign: () => {
        if (mode !== "API") {
          api.data = { mapRoles: `- rolearn: ${dev.arn}\n  username: theirs\n  groups: [x]\n` };
        }
        if (mode !== "CONFIG_MAP") {
          at.world.aws.addServiceEntry(name, dev.arn, { type: "STANDARD", username: "theirs", groups: ["x"] });
        }
      },
    };
  }

  /** What both places say: the groups and the claims of the entry. */
  function found(): { groups: readonly string[] | undefined; claims: readonly string[] }[] {
    const { api, name } = at.cluster;
    const text = api.data?.["mapRoles"] ?? "";
    const line = text.replace(/\s+/g, " ").match(/groups: (?:- |\[)"?(\w+)/)?.[1];
    const inMap = {
      groups: line === undefined ? undefined : [line],
      claims: labels(Object.values(api.annotations).join("\n").split("\n")),
    };
    const entry = at.world.aws.entry(name, dev.arn);
    const inEntry = { groups: entry?.kubernetesGroups, claims: labels(Object.values(entry?.tags ?? {})) };
    return [...(mode === "API" ? [] : [inMap]), ...(mode === "CONFIG_MAP" ? [] : [inEntry])];
  }

  const expected = ({ groups, claims }: Pick<Operation, "groups" | "claims">) =>
    found().map(() => ({ groups, claims }));

  /** Disturbs the n-th call of EKS, or of the API server; returns how many calls there were. */
  async function disturbed(
    service: "eks" | "map",
    number: number,
    fault: Fault | undefined,
    act: () => Promise<readonly string[]>,
  ) {
    const { aws } = at.world;
    const counts = { eks: 0, map: 0 };
    let isDead = false;
    const strike = (of: "eks" | "map", when: "before" | "after") => {
      const isHit = of === service && counts[of] === number;
      if (isDead) {
        return "cut";
      }
      if (!isHit || fault === undefined) {
        return undefined;
      }
      const isAfter = fault === "answer lost" || fault === "killed after";
      if (isAfter !== (when === "after")) {
        return undefined;
      }
      isDead = fault.startsWith("killed");
      return fault === "refused" ? "refused" : "cut";
    };
    aws.before = async (call) => {
      if (call.service !== "eks") {
        return isDead ? "cut" : undefined;
      }
      counts.eks++;
      const verdict = strike("eks", "before");
      return verdict === "refused" ? denied(call) : verdict;
    };
    aws.after = async (call) => {
      const verdict = call.service === "eks" ? strike("eks", "after") : undefined;
      return verdict === "cut" ? "cut" : undefined;
    };
    at.cluster.api.disturb = (): Trick | undefined => {
      counts.map++;
      const before = strike("map", "before");
      if (before === "refused") {
        return { status: 403, body: statusBody(403, "Forbidden", "no") };
      }
      if (before === "cut") {
        return { cut: "before" };
      }
      return strike("map", "after") === "cut" ? { cut: "after" } : undefined;
    };
    try {
      return { errors: await act(), counts };
    } finally {
      aws.before = undefined;
      aws.after = undefined;
      at.cluster.api.disturb = undefined;
    }
  }

  it.each(operations)("$title is what it should be, however late EKS shows it", async (operation) => {
    at.world.aws.behaviour.lag = { milliseconds: 150 };
    try {
      await operation.prepare(stacks);
      expect(await operation.act(stacks)).toEqual([]);
      expect(found()).toEqual(expected(operation));
    } finally {
      at.world.aws.behaviour.lag = {};
    }
  });

  it.each(operations)("$title is finished by the next run, whatever becomes of a call", async (operation) => {
    await operation.prepare(stacks);
    const { counts, errors } = await disturbed("eks", 0, undefined, () => operation.act(stacks));
    expect(errors).toEqual([]);
    expect(found()).toEqual(expected(operation));
    const rows = (["eks", "map"] as const).flatMap((service) =>
      Array.from({ length: counts[service] }, (_, index) =>
        faults.map((fault) => ({ service, number: index + 1, fault })),
      ).flat(),
    );
    expect(rows.length).toBeGreaterThan(0);
    const tried = rows.filter((_, index) => index % step === 0);
    const failed: unknown[] = [];
    for (const row of tried) {
      const problem = await play(operation, row).catch((error: Error) => error.message);
      if (problem !== undefined) {
        failed.push({ row, problem });
      }
    }
    expect(failed).toEqual([]);
  });

  /** Plays one row on a cluster of its own. What is wrong then. */
  async function play(
    { prepare, act, isShared, isCreate, ...operation }: Operation,
    { service, number, fault }: { service: "eks" | "map"; number: number; fault: Fault },
  ) {
    await at.renew();
    const now = stacksOn();
    await prepare(now);
    const saved = new Map(now.own.states);
    const { errors } = await disturbed(service, number, fault, () => act(now));
    if (fault.startsWith("killed")) {
      now.own.states.clear();
      for (const [name, state] of saved) {
        now.own.states.set(name, state);
      }
    }
    if (isShared && !found().every(({ groups }) => groups?.[0] === "viewers")) {
      return { meanwhile: found(), errors };
    }
    const isGivenUp = isCreate && errors.length > 0 && !fault.startsWith("killed") && number % 2 === 0;
    if (!isGivenUp) {
      const again = await act(now);
      if (again.length > 0 || !same(found(), expected(operation))) {
        return { again, errors, found: found() };
      }
    }
    const left = [await now.own.destroy({ mode }), await now.other.destroy({ mode })].flat();
    return left.length > 0 || !same(found(), expected({ groups: undefined, claims: [] }))
      ? { left, errors, found: found(), isGivenUp }
      : undefined;
  }
});

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** Who claims an entry, in order. What a killed run claimed stays beside the next one's: it may be of a stack of the same name. */
function labels(lines: readonly string[]): string[] {
  const found = lines.map((line) => /o\/t\/\w+ dev/.exec(line)?.[0]).filter((label) => label !== undefined);
  return [...new Set(found)].toSorted();
}
