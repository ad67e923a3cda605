import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { type Claim, claimsInTags, claimTags, parseClaims, renderClaimLine } from "../../../provider/claims.ts";
import { decide } from "../../../provider/lifecycle/decide.ts";
import { entriesPlace } from "../../../provider/lifecycle/places/entries.ts";
import { mapPlace } from "../../../provider/lifecycle/places/map.ts";
import { decideRelease } from "../../../provider/lifecycle/release.ts";
import {
  type Content,
  type Guard,
  type Leave,
  type Me,
  nothing,
  type Place,
  type PlaceName,
  type Subject,
  type Want,
} from "../../../provider/lifecycle/types.ts";
import { principalKey } from "../../../provider/mapping/index.ts";
import { ClusterSession, Declarations } from "../../../provider/session/session.ts";
import { account, adminPolicy, declaredEntry, devArn, entriesWorld } from "../eks/entriesWorld.ts";
import { MemoryStore } from "./memoryStore.ts";
import { entryText } from "./world.ts";

/** The role "dev", which has a path. */
export const dev: Subject = {
  principal: `arn:aws:iam::${account}:role/dev`,
  kind: "role",
  arn: `arn:aws:iam::${account}:role/dev`,
  principalArn: devArn,
};

const opsArn = `arn:aws:iam::${account}:role/ops`;
/** Another role, without a path. */
export const ops: Subject = { principal: opsArn, kind: "role", arn: opsArn, principalArn: opsArn };

export const me: Me = { id: "mystem00.000001", stem: "mystem00", owner: "infra/prod dev" };
export const viewers: Content = { username: "dev", groups: ["viewers"] };
export const editors: Content = { username: "dev", groups: ["editors"] };
export const admins: Content = { username: "dev", groups: ["viewers", "system:masters"] };

export const mine: Claim = { principal: dev.principal, id: me.id, owner: me.owner };
export const theirs: Claim = { principal: dev.principal, id: "theirs00.000009", owner: "apps/prod dev" };

/** Default: a new run, for the role "dev", without a guard. */
interface Acting {
  readonly run?: Place;
  readonly subject?: Subject;
  readonly guard?: Guard | undefined;
}

/** One place of a cluster: aws-auth or the access entries. */
export type PlaceWorld = ReturnType<typeof mapWorld> | Awaited<ReturnType<typeof entryWorld>>;

export const worlds = { map: mapWorld, entries: entryWorld } satisfies Record<PlaceName, unknown>;

/** The operations of a run on a mapping, each of which decides by one place alone. */
export function actions(name: PlaceName, place: () => Place) {
  type Writing = Acting & Partial<Want> & { readonly previous?: Content };
  return {
    /** The place as a new run reads it. */
    place,
    write: (content: Content, { run = place(), subject = dev, guard, previous, ...more }: Writing = {}) => {
      const want: Want = { content, adopt: false, ignored: [], places: [name], ...more };
      return run.write(subject, me, (here) => decide(want, previous, me, { place: name, here, other: nothing }), guard);
    },
    release: (previous: Content, { run = place(), subject = dev, guard }: Acting = {}) => {
      const leave: Leave = {
        previous,
        ignored: [],
        places: [name],
        hasFailedSuccessor: false,
        clusterMode: "API_AND_CONFIG_MAP",
      };
      return run.release(subject, (here) => decideRelease(leave, me.id, { place: name, here, other: nothing }), guard);
    },
  };
}

export function mapWorld() {
  const store = new MemoryStore();
  return {
    ...actions("map", () => mapPlace(new ClusterSession(store, new Declarations()))),
    store,
    /** Stores an entry like another writer. */
    put: async ({ arn }: Subject, { username, groups }: Content, claim?: Claim) => {
      const before = store.data["mapRoles"] === "[]\n" ? "" : store.data["mapRoles"];
      const entry = entryText(arn.split("/").at(-1) ?? "", `${username}: ${groups.join(", ")}`);
      store.foreignWrite({ mapRoles: `${before}${entry}` });
      if (claim !== undefined) {
        store.claims = [store.claims, renderClaimLine(claim)].filter(Boolean).join("\n");
      }
    },
    /** Replaces the claim on an entry. */
    take: async (_subject: Subject, claim: Claim) => {
      store.foreignWrite({});
      store.claims = renderClaimLine(claim);
    },
    /** The stored entries of a principal, read without the code under test. */
    stored: ({ arn, principal }: Subject) => ({
      contents: parseMap(store.data)
        .mapRoles.items.filter(({ entry }) => entry.arn === arn)
        .map(({ entry: { username, groups } }) => ({ username, groups })),
      claims: parseClaims(store.claims).flatMap(({ claim }) => (claim?.principal === principal ? [claim] : [])),
    }),
    /** The calls that write. */
    written: () => store.writes.map(() => "PATCH"),
  };
}

/** A cluster with access entries, and an API with short limits for waits on eventual consistency. */
export async function entryWorld() {
  const world = await entriesWorld("API");
  const { aws, api } = world;
  aws.principals.create(ops.arn);
  world.clock.behind -= 30_000;
  const session = () =>
    new ClusterSession(
      new MemoryStore(),
      new Declarations(),
      () => {},
      async () => api,
    );
  return {
    ...world,
    session,
    ...actions("entries", () => entriesPlace(session())),
    put: async ({ principalArn = "" }: Subject, { username, groups }: Content, claim?: Claim) => {
      const own = groups.filter((group) => group !== "system:masters");
      await api.create(
        declaredEntry({ principalArn, username, groups: own }),
        claim === undefined ? {} : claimTags(claim),
      );
      if (own.length < groups.length) {
        await api.associate(principalArn, { policyArn: adminPolicy, scope: { type: "cluster" } });
      }
      aws.forgetCalls();
    },
    take: ({ principalArn = "" }: Subject, claim: Claim) =>
      api.tag(aws.entry("prod", principalArn)?.accessEntryArn ?? "", claimTags(claim)),
    stored: ({ principal }: Subject) => {
      const entries = aws.entries("prod").filter(({ principalArn }) => principalKey(principalArn) === principal);
      return {
        contents: entries.map(({ username, kubernetesGroups, policies }) => ({
          username,
          groups: [
            ...kubernetesGroups,
            ...(policies.some(({ policyArn }) => policyArn === adminPolicy) ? ["system:masters"] : []),
          ],
        })),
        claims: entries.flatMap(({ tags }) => claimsInTags(tags, principal)),
      };
    },
    written: () => aws.operations.filter((operation) => !/^(Describe|List|Get)/.test(operation)),
  };
}
