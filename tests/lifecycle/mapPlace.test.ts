import { expect, test } from "vitest";
import { dev, editors, mapWorld, mine, theirs, viewers } from "../support/lifecycle/placeWorlds.ts";

const account = { ...dev, principal: "999900001111", kind: "account", arn: "999900001111" } as const;
const added = `- rolearn: ${dev.arn}\n  username: dev\n  groups:\n  - viewers\n`;
const user = {
  ...dev,
  kind: "user",
  arn: "arn:aws:iam::111122223333:user/ann",
  principal: "arn:aws:iam::111122223333:user/ann",
} as const;
const entryOf = (name: string) => `- userarn: arn:aws:iam::111122223333:user/${name}\n  username: ${name}\n`;
const it = test.extend("world", () => mapWorld());

it("writes the entry and its claim in one request, and keeps every other byte", async ({ world }) => {
  const others = '# ours\n- rolearn: "arn:aws:iam::111122223333:role/ops"   # on call\n  username:   ops\n';
  const otherClaims = "not a claim\n111122223333:role/ops theirs00.000002 apps/prod ops";
  world.store.data = { mapRoles: others, notes: "x" };
  world.store.claims = otherClaims;
  await world.write(viewers);
  expect(world.written()).toHaveLength(1);
  expect(world.store.data).toEqual({ mapRoles: others + added, notes: "x" });
  expect(world.store.claims?.split("\n").toSorted()).toEqual([
    "111122223333:role/dev mystem00.000001 infra/prod dev",
    "111122223333:role/ops theirs00.000002 apps/prod ops",
    "not a claim",
  ]);
  await world.release(viewers);
  expect(world.written()).toHaveLength(2);
  expect(world.store).toMatchObject({ data: { mapRoles: others, notes: "x" }, claims: otherClaims });
});

it("shares an entry that others claim, and releases only its own claim", async ({ world }) => {
  await world.put(dev, viewers, theirs);
  await world.write(viewers);
  expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [mine, theirs] });
  expect(await world.release(viewers)).toMatchObject({ kind: "unclaim" });
  expect(world.stored(dev)).toEqual({ contents: [viewers], claims: [theirs] });
});

it("keeps a claim line that cannot be parsed, and treats it as another owner's claim on its principal", async ({
  world,
}) => {
  const line = "111122223333:role/dev a format of tomorrow";
  await world.put(dev, viewers);
  world.store.claims = line;
  const { claims } = await world.place().observe(dev);
  expect(claims).toEqual([{ ...theirs, id: undefined, owner: line }]);
  expect(await world.write(editors, { adopt: true })).toMatchObject({ kind: "write" });
  expect(world.store.claims.split("\n")).toContain(line);
});

it.for(["mapRoles", "mapUsers"])("refuses to read and to write if %s cannot be parsed", async (key, { world }) => {
  world.store.data[key] = "- rolearn: [\n";
  const refused = { code: "unreadableKey" };
  const run = world.place();
  await expect(run.observe(dev)).rejects.toMatchObject(refused);
  await expect(world.write(viewers, { run })).rejects.toMatchObject(refused);
  await expect(world.release(viewers, { run })).rejects.toMatchObject(refused);
  expect(world.written()).toEqual([]);
  expect((await run.observe(account)).entries).toEqual([]);
});

it.for<[title: string, mapUsers: string, counts: [isInForce: boolean, countsAtEnd: boolean][]]>([
  [
    "the last entry",
    entryOf("ann") + entryOf("ann"),
    [
      [false, true],
      [true, true],
    ],
  ],
  [
    "each of two spellings",
    entryOf("ann") + entryOf("Ann"),
    [
      [true, false],
      [true, false],
    ],
  ],
])("has %s of a user in force", async ([, mapUsers, counts], { world }) => {
  world.store.data = { mapUsers };
  const { entries } = await world.place().observe(user);
  expect(entries.map(({ isInForce, countsAtEnd }) => [isInForce, countsAtEnd])).toEqual(counts);
});

it.for<[title: string, own: string, other: string]>([
  [
    "a comment",
    "- rolearn: ARN # ours\n  username: dev # ticket 17\n  groups: [viewers]\n",
    "- rolearn: ARN\n  username: x\n",
  ],
  [
    "a field",
    "- rolearn: ARN\n  userid: 7\n  username: dev\n  groups: [viewers]\n",
    "# theirs\n- rolearn: ARN\n  username: x\n",
  ],
])("moves an entry with %s unchanged to the end of its list", async ([, own, other], { world }) => {
  const [ours, theirs] = [own, other].map((text) => text.replaceAll("ARN", dev.arn));
  world.store.data = { mapRoles: `${ours}${theirs}` };
  world.store.claims = `111122223333:role/dev ${mine.id} ${mine.owner}`;
  expect(await world.write(viewers, { previous: viewers })).toMatchObject({ kind: "write", restores: "order" });
  expect(world.store.data).toEqual({ mapRoles: `${theirs}${ours}` });
});

it("moves an entry of a list in brackets", async ({ world }) => {
  const entries = [viewers.username, "x"].map((username) => ({
    rolearn: dev.arn,
    username,
    groups: viewers.groups,
    userid: "7",
  }));
  world.store.data = { mapRoles: JSON.stringify(entries) };
  world.store.claims = `111122223333:role/dev ${mine.id} ${mine.owner}`;
  await world.write(viewers, { previous: viewers });
  expect(JSON.parse(world.store.data["mapRoles"] ?? "")).toEqual(entries.toReversed());
});

it("returns the effective entry last: the last one in mapRoles", async ({ world }) => {
  const entry = (field: string, groups: string) => `- ${field}: ${dev.arn}\n  username: dev\n  groups: [${groups}]\n`;
  const mapRoles = entry("rolearn", "first") + entry("rolearn", "second");
  world.store.data = { mapRoles, mapUsers: entry("userarn", "third") };
  const { entries } = await world.place().observe(dev);
  const seen = (position: string, group: string, isInForce: boolean) => {
    return { position, content: { username: "dev", groups: [group] }, isInForce, countsAtEnd: true };
  };
  expect(entries).toEqual([
    seen("mapUsers entry 1", "third", false),
    seen("mapRoles entry 1", "first", false),
    seen("mapRoles entry 2", "second", true),
  ]);
  await world.write(viewers, { adopt: true });
  expect(world.store.data).toEqual({ mapRoles: added, mapUsers: "[]\n" });
});

it("ignores an entry without effect, and adds another one", async ({ world }) => {
  const dead = `- rolearn: ${dev.principalArn}\n  username: dev\n  groups: [viewers]\n`;
  world.store.data = { mapRoles: dead };
  expect((await world.place().observe(dev)).entries).toEqual([]);
  await world.write(viewers);
  expect(world.store.data["mapRoles"]).toBe(dead + added);
});

it("maps an account", async ({ world }) => {
  expect(await world.write({ username: "", groups: [] }, { subject: account })).toMatchObject({ kind: "add" });
  expect(world.store.data).toMatchObject({ mapAccounts: '- "999900001111"\n' });
  expect(world.store.claims).toBe("999900001111 mystem00.000001 infra/prod dev");
});
