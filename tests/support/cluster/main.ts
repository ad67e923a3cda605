// `node main.ts`: a cluster for trying things by hand. Prints the path of the admin's kubeconfig and stays until Ctrl-C.
import { startCluster } from "./startCluster.ts";

const cluster = await startCluster();
process.stdout.write(`${cluster.kubeconfigFile()}\n`);

const stayAwake = setInterval(() => undefined, 60_000);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    clearInterval(stayAwake);
    void cluster.stop();
  });
}
