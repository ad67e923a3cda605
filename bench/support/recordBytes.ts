import { createRequire } from "node:module";
import { join } from "node:path";
import type { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import { repository } from "../../tests/support/engine/testProject.ts";

/** Bytes of a map's record of claims for each of its lines, the line break included. */
export async function recordBytesEach(map: AwsAuthMap): Promise<number> {
  const { claimsAnnotation }: typeof import("../../provider/document/record.ts") = createRequire(import.meta.url)(
    join(repository, "dist", "provider", "document", "record.js"),
  );
  const record = (await map.read())?.metadata.annotations?.[claimsAnnotation];
  if (record === undefined) {
    throw new Error("the map has no record of claims");
  }
  const lines = record.split("\n");
  return Math.round(lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) / lines.length);
}
