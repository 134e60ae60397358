// Foundation, Data, and a signal source beside a read source: nothing blocks but the main queue.
import Dispatch
import Foundation

@main
enum DatagramServer {
    static func main() {
        let arguments = CommandLine.arguments
        guard arguments.count == 2, let port = UInt16(arguments[1]) else {
            FileHandle.standardError.write(Data("usage: datagram-server PORT\n".utf8))
            exit(64)
        }
        serve(port)
        dispatchMain()
    }
}

var sources: [Any] = []

func serve(_ port: UInt16) {
    for number in [SIGINT, SIGTERM] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .main)
        source.setEventHandler { exit(0) }
        source.resume()
        sources.append(source)
    }
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    if descriptor == -1 { end("socket") }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
    let size = socklen_t(MemoryLayout<sockaddr_in>.stride)
    let bound = withUnsafeBytes(of: &address) {
        bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), size)
    }
    if bound == -1 { end("bind") }
    var length = size
    _ = withUnsafeMutableBytes(of: &address) {
        getsockname(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
    }
    let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .main)
    source.setEventHandler { answerAll(descriptor) }
    source.setRegistrationHandler {
        let line = "bound to 127.0.0.1:\(in_port_t(bigEndian: address.sin_port))\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }
    source.resume()
    sources.append(source)
}

func end(_ call: String) -> Never {
    FileHandle.standardError.write(Data("\(call): \(String(cString: strerror(errno)))\n".utf8))
    exit(1)
}

func answerAll(_ descriptor: Int32) {
    while true {
        var datagram = Data(count: 65_535)
        var sender = [UInt8](repeating: 0, count: 128)
        var length = socklen_t(128)
        let count = datagram.withUnsafeMutableBytes { bytes in
            sender.withUnsafeMutableBytes { address in
                let generic = address.baseAddress!.assumingMemoryBound(to: sockaddr.self)
                return recvfrom(descriptor, bytes.baseAddress, bytes.count, 0, generic, &length)
            }
        }
        if count == -1 && errno == EINTR { continue }
        if count == -1 { return }
        while true {
            let sent = datagram.withUnsafeBytes { bytes in
                sender.withUnsafeBytes { address in
                    let generic = address.baseAddress!.assumingMemoryBound(to: sockaddr.self)
                    return sendto(descriptor, bytes.baseAddress, count, 0, generic, length)
                }
            }
            if sent != -1 || errno != EINTR { break }
        }
    }
}
