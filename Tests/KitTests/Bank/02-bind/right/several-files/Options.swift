import Glibc

enum Options {
    static func port() -> UInt16 {
        while true {
            let option = getopt(CommandLine.argc, CommandLine.unsafeArgv, "+")
            if option == -1 { break }
            usage()
        }
        guard optind == CommandLine.argc - 1 else { usage() }
        let text = CommandLine.arguments[Int(optind)]
        guard text.first?.isNumber == true, let port = UInt16(text, radix: 10) else { usage() }
        return port
    }

    static func usage() -> Never {
        fputs("usage: bind PORT (from 0 to 65535)\n", stderr)
        exit(64)
    }
}
