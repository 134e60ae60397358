// Files by subject, options in the manner of getopt(3), a thread that waits for the end of input.
import Glibc

@main
struct Bind {
    static func main() {
        let port = Options.port()
        let listener = Endpoint(port: port)
        var line = "bound to \(listener.name)\n"
        line.withUTF8 { bytes in _ = write(1, bytes.baseAddress, bytes.count) }
        var thread = pthread_t()
        pthread_create(&thread, nil, { _ in readAll() }, nil)
        pthread_join(thread, nil)
    }
}

func readAll() -> UnsafeMutableRawPointer? {
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: 1 << 20, alignment: 1)
    defer { buffer.deallocate() }
    while read(0, buffer, 1 << 20) > 0 {}
    return nil
}
