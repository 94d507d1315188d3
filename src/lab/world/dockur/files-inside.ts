import type { ContainerProcessContext } from '../contracts.js';

/** Files inside the container: those on bind mounts live on the machine, the rest go with the container. */
export interface FilesInside {
  read(path: string): Buffer | undefined;
  /** False when the directory does not exist in the container. */
  write(path: string, content: string | Buffer): boolean;
  remove(path: string): void;
  /** Paths below a directory. */
  list(directory: string): readonly string[];
}

const OWN_DIRECTORIES = ['/run/shm/', '/run/', '/etc/', '/var/lib/misc/', '/tmp/', '/var/tmp/'];

/** Opens the file system of a container. */
export function filesInside(context: ContainerProcessContext): FilesInside {
  const own = new Map<string, Buffer>();
  return {
    read(path) {
      const host = context.hostPath(path);
      return host === undefined ? own.get(path) : context.machine.readFile(host)?.content;
    },
    write(path, content) {
      const host = context.hostPath(path);
      if (host !== undefined) context.machine.writeFile(host, content);
      else if (OWN_DIRECTORIES.some((directory) => path.startsWith(directory))) own.set(path, Buffer.from(content));
      else return false;
      return true;
    },
    list(directory) {
      const host = context.hostPath(directory);
      if (host !== undefined)
        return context.machine.listFiles(host).map((path) => `${directory}${path.slice(host.length)}`);
      const prefix = directory.endsWith('/') ? directory : `${directory}/`;
      return [...own.keys()].filter((path) => path.startsWith(prefix));
    },
    remove(path) {
      const host = context.hostPath(path);
      if (host === undefined) own.delete(path);
      else context.machine.removeTree(host);
    },
  };
}
