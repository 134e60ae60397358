import LabSupport

/// Has a socket for as long as it lives.
final class StreamSocket {
    let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, SOCK_STREAM, Int32(IPPROTO_TCP))
        if descriptor == -1 { throw CallFailed(call: "socket") }
    }

    deinit { close(descriptor) }
}
