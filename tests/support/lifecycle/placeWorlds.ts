import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { type Claim, claimsInTags, claimTags, parseClaims, renderClaimLine } from "../../../provider/claims.ts";
import { decide } from "../../../provider/lifecycle/decide.ts";
import { entriesPlace } from "../../../provider/lifecycle/places/entries.ts";
import { mapPlace } from "../../../provider/lifecycle/places/map.ts";
import type { Guard, LocatedMapping, Place } from "../../../provider/lifecycle/places/place.ts";
import { decideRelease } from "../../../provider/lifecycle/release.ts";
import {
  type Before,
  type Me,
  nothing,
  type PlaceName,
  type Seen,
  type Situation,
  type Want,
} from "../../../provider/lifecycle/types.ts";
import { type Content, principalKey } from "../../../provider/mapping/index.ts";
import { ClusterSession } from "../../../provider/session/session.ts";
import { account, adminPolicy, declaredEntry, devArn, entriesWorld } from "../eks/entriesWorld.ts";
import { MemoryStore } from "./memoryStore.ts";
import { entryText } from "./world.ts";

/** The role "dev", which has a path. */
export const dev: LocatedMapping = {
  principal: `arn:aws:iam::${account}:role/dev`,
  kind: "role",
  arn: `arn:aws:iam::${account}:role/dev`,
  principalArn: devArn,
  username: "",
  groups: [],
};

const opsArn = `arn:aws:iam::${account}:role/ops`;
/** Another role, without a path. */
export const ops: LocatedMapping = { ...dev, principal: opsArn, arn: opsArn, principalArn: opsArn };

export const me: Me = { id: "mystem00.000001", owner: "infra/prod dev" };
export const viewers: Content = { username: "dev", groups: ["viewers"] };
export const editors: Content = { username: "dev", groups: ["editors"] };
export const admins: Content = { username: "dev", groups: ["viewers", "system:masters"] };

export const mine: Claim = { principal: dev.principal, id: me.id, owner: me.owner };
export const theirs: Claim = { principal: dev.principal, id: "theirs00.000009", owner: "apps/prod dev" };

const situation: Situation = {
  clusterMode: "API_AND_CONFIG_MAP",
  hasFailedSuccessor: false,
  justWritten: [],
};

/** Default: a new run, for the role "dev", without a guard. */
interface Acting {
  readonly run?: Place;
  readonly subject?: LocatedMapping;
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
    release: (content: Content, { run = place(), subject = dev, guard }: Acting = {}) => {
      const before: Before = { content, ignored: [], places: [name] };
      const sight = (here: Seen) => ({ place: name, here, other: nothing });
      return run.release(subject, (here) => decideRelease(before, me.id, sight(here), situation), guard);
    },
  };
}

export function mapWorld() {
  const store = new MemoryStore();
  return {
    ...actions("map", () => mapPlace(new ClusterSession(store, "prod"))),
    store,
    /** Stores an entry like another writer. */
    put: async ({ arn }: LocatedMapping, { username, groups }: Content, claim?: Claim) => {
      const before = store.data["mapRoles"] === "[]\n" ? "" : store.data["mapRoles"];
      const entry = entryText(arn.split("/").at(-1) ?? "", `${username}: ${groups.join(", ")}`);
      store.foreignWrite({ mapRoles: `${before}${entry}` });
      if (claim !== undefined) {
        store.claims = [store.claims, renderClaimLine(claim)].filter(Boolean).join("\n");
      }
    },
    /** Replaces the claim on an entry. */
    take: async (_subject: LocatedMapping, claim: Claim) => {
      store.foreignWrite({});
      store.claims = renderClaimLine(claim);
    },
    /** The stored entries of a principal, read without the code under test. */
    stored: ({ arn, principal }: LocatedMapping) => ({
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
  const session = () => new ClusterSession(new MemoryStore(), "prod", () => {}, { accessEntries: async () => api });
  return {
    ...world,
    session,
    ...actions("entries", () => entriesPlace(session())),
    put: async ({ principalArn = "" }: LocatedMapping, { username, groups }: Content, claim?: Claim) => {
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
    take: ({ principalArn = "" }: LocatedMapping, claim: Claim) =>
      api.tag(aws.entry("prod", principalArn)?.accessEntryArn ?? "", claimTags(claim)),
    stored: ({ principal }: LocatedMapping) => {
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
