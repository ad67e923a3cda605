// A thread that keeps one ConfigMap in memory and responds as an API server does. It posts its port.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { parentPort, workerData } from "node:worker_threads";

/** The ConfigMap that the thread begins with. */
export interface MemoryMap {
  readonly data: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

interface Patch {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
  readonly data: Readonly<Record<string, string>>;
}

let { data, annotations } = workerData as MemoryMap;
let version = 1;

const server = createServer(async (request, response) => {
  let status = 200;
  if (request.method === "PATCH") {
    const patch = (await json(request)) as Patch;
    if (patch.metadata.resourceVersion === String(version)) {
      data = { ...data, ...patch.data };
      const changed = Object.entries({ ...annotations, ...patch.metadata.annotations });
      annotations = Object.fromEntries(changed.flatMap(([key, value]) => (value === null ? [] : [[key, value]])));
      version++;
    } else {
      status = 409;
    }
  }
  const metadata = { name: "aws-auth", namespace: "kube-system", resourceVersion: String(version), annotations };
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ kind: "ConfigMap", apiVersion: "v1", metadata, data }));
});
server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
