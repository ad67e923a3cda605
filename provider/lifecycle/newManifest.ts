import { existsSync } from "node:fs";
import { type ClusterRef, quoted } from "../cluster";
import { report } from "../diagnostics";
import type { ResourceContext } from "./context";

/** Says once in a preview that a manifest is not there: a mistyped path would otherwise begin a map of its own without a word. */
export async function tellOfNewManifest(ref: ClusterRef, { isPreview }: ResourceContext): Promise<void> {
  if (isPreview && ref.kind === "manifest" && !existsSync(ref.path)) {
    await report("info", `manifest ${quoted(ref.manifest)} does not exist; "pulumi up" creates it`, undefined);
  }
}
