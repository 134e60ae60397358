// Foundation beside LabSupport, errors thrown, a non-blocking listener, a DispatchSource at standard input.
import Foundation
import LabSupport

struct CallFailed: Error {
    let call: String
    let code = errno
}

@discardableResult
func must(_ call: String, _ result: Int32) throws -> Int32 {
    if result == -1 { throw CallFailed(call: call) }
    return result
}

func makeListener(port: UInt16) throws -> Int32 {
    let listener = try must("socket", socket(AF_INET, SOCK_STREAM, 0))
    var yes: Int32 = 1
    try must("setsockopt", setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, 4))
    try must("fcntl", fcntl(listener, F_SETFL, fcntl(listener, F_GETFL) | O_NONBLOCK))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.byteSwapped
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
    let data = withUnsafeBytes(of: address) { Data($0) }
    try data.withUnsafeBytes { bytes in
        let generic = bytes.bindMemory(to: sockaddr.self).baseAddress!
        try must("bind", bind(listener, generic, socklen_t(bytes.count)))
    }
    try must("listen", listen(listener, 128))
    return listener
}

func port(of listener: Int32) throws -> UInt16 {
    var data = Data(count: MemoryLayout<sockaddr_in>.size)
    var length = socklen_t(data.count)
    try data.withUnsafeMutableBytes { bytes in
        let generic = bytes.bindMemory(to: sockaddr.self).baseAddress!
        _ = try must("getsockname", getsockname(listener, generic, &length))
    }
    return UInt16(data[2]) << 8 | UInt16(data[3])
}

func inputCame() {
    if FileHandle.standardInput.availableData.isEmpty { exit(0) }
}

@main
enum Listen {
    static func main() {
        do {
            let listener = try makeListener(port: portArgument(usage: "listen PORT"))
            announce(String(format: "listening on %@:%u", "127.0.0.1" as NSString, try port(of: listener)))
        } catch let error as CallFailed {
            FileHandle.standardError.write(
                Data("\(error.call): \(String(cString: strerror(error.code)))\n".utf8)
            )
            exit(1)
        } catch {
            fatalError("\(error)")
        }
        let input = DispatchSource.makeReadSource(fileDescriptor: 0, queue: .global())
        input.setEventHandler(handler: inputCame)
        input.activate()
        dispatchMain()
    }
}
