// `npm run pack:plugin [-- --out DIRECTORY]`: packs the resource plugin for each system, and as a folder for `pulumi package add`.
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { packPlugin } from "./plugin/pack.ts";

const repository = join(import.meta.dirname, "..");
const { values } = parseArgs({ options: { out: { type: "string", default: join(repository, ".local", "plugin") } } });
const directory = resolve(values.out);
const { tarballs } = await packPlugin(repository, directory);
for (const name of [...tarballs, "SHA256SUMS", "aws-auth"]) {
  console.log(join(relative(process.cwd(), directory), name));
}
