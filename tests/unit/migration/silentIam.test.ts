import { expect, it } from "vitest";
import { readFacts } from "../../../provider/migration/facts.ts";
import { entry, iam, migrationWorld } from "../../support/migration/world.ts";
import { ref } from "../cluster/eks/entriesWorld.ts";
import { setEnv } from "../cluster/eks/world.ts";
import { settingsOf } from "../cluster/support.ts";

it("IAM is asked no more once it does not answer, since some networks let nobody reach it", {
  timeout: 120_000,
}, async () => {
  const names = Array.from({ length: 64 }, (_, index) => `r${index}`);
  const { aws, caller } = await migrationWorld({
    mapRoles: names.map((name) => entry(iam(`role/${name}`), name)).join(""),
  });
  setEnv({ ...aws.env(caller), AWS_PROFILE: undefined });
  aws.before = ({ service }) => (service === "iam" ? "cut" : undefined);
  const { principals } = await readFacts(ref, settingsOf({ env: aws.env(caller) }));
  expect(principals.size).toBeGreaterThanOrEqual(names.length);
  expect([...principals.values()].every(({ kind }) => kind === "unknown")).toBe(true);
  // As many as are under way at once, three times.
  expect(aws.calls.filter(({ service }) => service === "iam").length).toBeLessThanOrEqual(8 * 3);
});
