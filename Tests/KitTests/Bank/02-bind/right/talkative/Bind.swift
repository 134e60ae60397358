// Writes much to standard error before, between and after; an epoll(7) instance waits for input.
import LabSupport

@_silgen_name("epoll_create1")
func epollCreate(_ flags: Int32) -> Int32
@_silgen_name("epoll_ctl")
func epollControl(_ epoll: Int32, _ verb: Int32, _ descriptor: Int32, _ event: UnsafeMutableRawPointer)
    -> Int32
@_silgen_name("epoll_wait")
func epollWait(_ epoll: Int32, _ events: UnsafeMutableRawPointer, _ count: Int32, _ time: Int32) -> Int32

@main
struct Bind {
    static func main() {
        let port = portArgument(usage: "bind PORT")
        say("Hello! I am a program that binds.")
        var address = sockaddr_in()
        address.sin_family = .init(AF_INET)
        address.sin_port = .init(bigEndian: port)
        if inet_aton("127.0.0.1", &address.sin_addr) == 0 { exit(1) }
        let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        if descriptor == -1 { fail("socket") }
        let result = withUnsafeBytes(of: &address) {
            bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), 16)
        }
        if result == -1 { fail("bind") }
        say("That went well.")
        var length: socklen_t = 16
        let named = withUnsafeMutableBytes(of: &address) {
            getsockname(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), &length)
        }
        if named == -1 { fail("getsockname") }
        announce("bound to 127.0.0.1:\(UInt16(bigEndian: address.sin_port))")
        say("Now I wait.")
        wait()
        say("Goodbye!")
    }

    static func say(_ text: String) {
        fputs("[bind] \(text)\n", stderr)
    }

    static func wait() {
        let epoll = epollCreate(0)
        let event = UnsafeMutableRawPointer.allocate(byteCount: 16, alignment: 8)
        event.storeBytes(of: 1, as: UInt32.self)
        if epollControl(epoll, 1, STDIN_FILENO, event) == -1 { fail("epoll_ctl") }
        var bytes = [UInt8](repeating: 0, count: 512)
        repeat {
            while epollWait(epoll, event, 1, -1) == -1 {}
        } while read(STDIN_FILENO, &bytes, bytes.count) != 0
    }
}
