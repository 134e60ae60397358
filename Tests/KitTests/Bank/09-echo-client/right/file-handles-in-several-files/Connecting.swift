import Foundation

func connected(_ host: String, _ port: String) -> Int32 {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, port, &hints, &list)
    if code != 0 {
        complain("getaddrinfo: \(String(cString: gai_strerror(code)))")
        exit(1)
    }
    defer { freeaddrinfo(list) }
    var failure: (call: String, errno: Int32) = ("connect", 0)
    var entry = list
    while let address = entry?.pointee {
        entry = address.ai_next
        let connection = socket(address.ai_family, address.ai_socktype, address.ai_protocol)
        if connection == -1 {
            failure = ("socket", errno)
            continue
        }
        let reason = attempt(connection, address)
        if reason == 0 { return connection }
        failure = ("connect", reason)
        close(connection)
    }
    complain("\(failure.call): \(String(cString: strerror(failure.errno)))")
    exit(1)
}

private func attempt(_ connection: Int32, _ address: addrinfo) -> Int32 {
    if connect(connection, address.ai_addr, address.ai_addrlen) == 0 { return 0 }
    if errno != EINTR { return errno }
    var ready = pollfd(fd: connection, events: Int16(POLLOUT), revents: 0)
    while poll(&ready, 1, -1) == -1 && errno == EINTR {}
    var reason: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(connection, SOL_SOCKET, SO_ERROR, &reason, &size)
    return reason
}
