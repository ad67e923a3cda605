// Runs after `npm ci`: links the repository as node_modules/pulumi-aws-auth, so that the programs in examples/ can import it.
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

const link = join(import.meta.dirname, "..", "node_modules", "pulumi-aws-auth");
rmSync(link, { force: true });
// Windows allows a junction without administrator rights.
symlinkSync("..", link, "junction");
