// Statements from the top in a main.swift, only Glibc, flags and protocol named, one character at a time.
import Glibc

if CommandLine.argc != 1 {
    fputs("usage: create\n", stderr)
    exit(64)
}
let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
let descriptor = socket(PF_INET, kind, Int32(IPPROTO_TCP))
if descriptor < 0 {
    perror("socket")
    exit(1)
}
fputs("created socket \(descriptor)\n", stdout)
fflush(stdout)
while getchar() != EOF {}
