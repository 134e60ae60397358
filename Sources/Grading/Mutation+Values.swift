extension Mutation {
    // MARK: - Numbers and names

    static let numberChanged = Mutation("number-changed") { line in
        // How many elements a pointer is said to lead to is looked at by nobody when the program runs.
        if line.text.contains("capacity: ") { return [] }
        return line.numbers.flatMap { range, value in
            (value == 0 ? ["1", "-1"] : ["0"]).map { line.replacing(range, with: $0) }
        }
    }

    static let constantChanged = Mutation(
        "constant-changed",
        words: [
            "AF_INET": ["AF_INET6"], "AF_UNSPEC": ["AF_INET", "AF_INET6"],
            "SOCK_STREAM": ["SOCK_DGRAM"],
            "INADDR_LOOPBACK": ["INADDR_ANY"],
            "SOL_SOCKET": ["IPPROTO_TCP"],
            "SO_REUSEADDR": ["SO_REUSEPORT", "SO_KEEPALIVE"], "SO_ERROR": ["SO_TYPE"],
            "SOMAXCONN": ["0", "1"],
            "SHUT_WR": ["SHUT_RD", "SHUT_RDWR"],
            "EINTR": ["EAGAIN"], "ENOTCONN": ["EPIPE"],
            "SIGPIPE": ["SIGHUP"], "SIGINT": ["SIGQUIT"], "SIGTERM": ["SIGHUP"],
            "SIG_IGN": ["SIG_DFL"],
            "POLLIN": ["POLLOUT"], "POLLOUT": ["POLLIN"],
            "STDIN_FILENO": ["STDOUT_FILENO"], "STDOUT_FILENO": ["STDIN_FILENO", "STDERR_FILENO"],
            "NI_NUMERICHOST": ["0"], "NI_NUMERICSERV": ["0"],
        ]
    )

    /// One too many, or too few.
    static let offByOne = Mutation("off-by-one") { line in
        ["size", "count", "INET_ADDRSTRLEN", "NI_MAXHOST", "NI_MAXSERV"].flatMap { word in
            [")", ","].flatMap { end in
                ["+", "-"].flatMap { line.replacing(word + end, with: "\(word) \($0) 1\(end)") }
            }
        }
    }

    static let byteOrderDropped = Mutation(
        "byte-order-dropped",
        words: [".bigEndian": [""], "bigEndian: ": [""]]
    )

    /// The buffer as it is, or a byte more or less of it than what came into it; one byte taken as sent.
    static let bufferNotCut = Mutation(
        "buffer-not-cut",
        words: [
            "[..<count]": ["[...]", "[...count]", "[..<(count - 1)]"], "dropFirst(count)": ["dropFirst(1)"],
        ]
    )

    /// The listening socket for the connected one, and the other way round, where both are at hand.
    static let wrongSocket = Mutation("wrong-socket") { lines, index in
        let before = lines[lines.function(at: index)..<index]
        return [("connection", "listener"), ("listener", "connection")].flatMap {
            right,
            wrong -> [[String]] in
            guard before.contains(where: { $0.mentions(wrong) }), lines[index].declaredName == nil else {
                return []
            }
            return lines[index].replacing(right, with: wrong).map { text in
                var texts = lines.map(\.text)
                texts[index] = text
                return texts
            }
        }
    }

    /// A failure reported by another name than the call's.
    static let wrongReport = Mutation("wrong-report") { line in
        ["fail(\"", "perror(\""].flatMap { call -> [String] in
            guard let start = line.text.range(of: call)?.upperBound,
                let end = line.text[start...].firstIndex(of: "\"")
            else { return [] }
            return [line.replacing(start..<end, with: "error")]
        }
    }
}
