/** What the file system says, in words that tell what to do. */
import { dirname } from "node:path";
import { ShoplakeError } from "./errors.ts";

interface Advice {
  /** What is wrong, after the path. */
  readonly what: string;
  readonly hint: (path: string) => string;
}

/** Ordinary faults: nobody's mistake in the program. */
const faults: Readonly<Record<string, Advice>> = {
  EACCES: denied("you have no right to that"),
  EPERM: denied("the system does not allow it"),
  EROFS: denied("the file system is read-only"),
  ENOENT: {
    what: "there is no such file or folder",
    hint: (path) => `make the folder ${dirname(path)}, or name a file in a folder that exists`,
  },
  ENOTDIR: {
    what: "a part of the path is a file, not a folder",
    hint: () => "name a place in a folder, or remove the file that stands in the way",
  },
  EISDIR: { what: "it is a folder", hint: () => "name a file" },
  EEXIST: { what: "it exists already", hint: () => "remove it, or name another place" },
  ENOTEMPTY: { what: "the folder is not empty", hint: () => "empty it, or name another place" },
  ENOSPC: { what: "the disk is full", hint: () => "free space, or name a place on a larger disk" },
  EDQUOT: { what: "your share of the disk is used up", hint: () => "free space, or name another disk" },
  EFBIG: { what: "the file would be larger than is allowed", hint: () => "name a place on another disk" },
  ENAMETOOLONG: { what: "the name is too long", hint: () => "choose a shorter name" },
  ELOOP: { what: "its links go round in a circle", hint: () => "remove one of the links" },
  EXDEV: { what: "it is on another disk", hint: () => "name a place on the same disk" },
  EBUSY: { what: "it is in use", hint: () => "end what uses it, then try again" },
  ETXTBSY: { what: "it is a program that runs", hint: () => "end it, then try again" },
  EMFILE: tooMany(),
  ENFILE: tooMany(),
  EIO: {
    what: "the disk cannot be read or written",
    hint: () => "look at the disk: this is a fault of the machine",
  },
};

/** Calls that also end with these codes, but are not about files. */
const otherCalls = /^(spawn|connect|listen|bind|kill|send|getaddrinfo)/;

/**
 * An `io` error for what the file system said no to; undefined for anything else. `path` is named when the error names none.
 */
export function fileFault(error: unknown, path = ""): ShoplakeError | undefined {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  const { code, syscall, path: named } = error as NodeJS.ErrnoException;
  const advice = faults[code ?? ""];
  if (advice === undefined || otherCalls.test(syscall ?? "")) return undefined;
  const place = path || named || "";
  return new ShoplakeError("io", `${place === "" ? "a file cannot be used" : place}: ${advice.what}`, {
    hint: advice.hint(place),
    cause: error,
  });
}

function denied(what: string): Advice {
  return {
    what,
    hint: (path) =>
      `give yourself the right to read and write ${path === "" ? "there" : dirname(path)}, or name another place`,
  };
}

function tooMany(): Advice {
  return { what: "too many files are open", hint: () => "raise the limit of open files: ulimit -n 4096" };
}
