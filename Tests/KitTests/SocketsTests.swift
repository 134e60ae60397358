import Foundation
import ReferenceEcho
import Sockets
import XCTest

final class SocketsTests: XCTestCase {
    func testAnErrorNamesTheCallAndTheReason() throws {
        let holder = try PortHolder(listeningOn: .loopback(0))
        XCTAssertThrowsError(try PortHolder(boundTo: holder.address)) { error in
            XCTAssertEqual("\(error)", "bind: Address already in use")
            XCTAssertEqual((error as? SocketError)?.errno.name, "EADDRINUSE")
        }
    }

    func testErrnoKnowsItsName() {
        XCTAssertEqual(Errno(name: "ECONNRESET"), Errno(ECONNRESET))
        XCTAssertNil(Errno(name: "ENONSENSE"))
        XCTAssertEqual(Errno(12345).name, "errno 12345")
    }

    func testAnAddressIsReadAsItIsWritten() {
        for text in ["127.0.0.1:7007", "0.0.0.0:0", "[::1]:65535", "[fe80::1:2]:80"] {
            XCTAssertEqual(SocketAddress(text)?.description, text)
        }
    }

    func testWhatIsNoAddressIsNotRead() {
        for text in [
            "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "::1:7007", "[127.0.0.1]:1",
            "host:1",
        ] {
            XCTAssertNil(SocketAddress(text), text)
        }
    }

    func testAnAddressOfIPv4InIPv6IsIPv4OnTheWire() {
        for (address, wire) in [
            ("[::ffff:127.0.0.1]:7007", "127.0.0.1:7007"), ("[::1]:7007", "[::1]:7007"),
            ("127.0.0.1:7007", "127.0.0.1:7007"),
        ] {
            XCTAssertEqual(SocketAddress(address)?.onTheWire.description, wire)
        }
    }

    func testThePortIsInNetworkByteOrderForTheKernel() {
        let bytes = SocketAddress.loopback(0x1234).withSockAddr { pointer, length in
            [UInt8](UnsafeRawBufferPointer(start: pointer, count: Int(length)))
        }
        XCTAssertEqual(bytes[2...7], [0x12, 0x34, 127, 0, 0, 1])
    }

    func testBothEndsKnowBothAddresses() throws {
        try assertBothEndsKnowBothAddresses(.loopback(0))
    }

    func testBothEndsKnowBothAddressesOfIPv6() throws {
        if (try? PortHolder(boundTo: .loopback6(0))) == nil { throw XCTSkip("this machine has no ::1") }
        try assertBothEndsKnowBothAddresses(.loopback6(0))
    }

    private func assertBothEndsKnowBothAddresses(_ address: SocketAddress) throws {
        let pair = try Pair(on: address)
        XCTAssertEqual(try pair.client.localAddress(), pair.peer)
        XCTAssertEqual(try pair.client.peerAddress(), try pair.listener.localAddress())
    }

    func testNoProgramInheritsASocket() throws {
        let pair = try Pair()
        for descriptor in [pair.listener.descriptor, pair.client.descriptor, pair.server?.descriptor ?? -1] {
            XCTAssertEqual(fcntl(descriptor, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC)
        }
    }

    func testAPeerThatIsGoneGivesAnErrorAndNoSignal() throws {
        let pair = try Pair()
        try pair.server.take()?.reset()
        XCTAssertThrowsError(try pair.client.receive(atMost: 1)) {
            XCTAssertEqual("\($0)", "recv: Connection reset by peer")
        }
        XCTAssertThrowsError(try pair.client.send([1])) { XCTAssertEqual("\($0)", "send: Broken pipe") }
    }

    func testClosingGivesTheEndOfFile() throws {
        let pair = try Pair()
        pair.server.take()?.close()
        XCTAssertEqual(try pair.client.receive(atMost: 1), [])
    }

    func testWaitingEndsAtTheDeadlineOrAtTheEvent() throws {
        let pair = try Pair()
        var deadline = Deadline(.milliseconds(1))
        XCTAssertEqual(try waitFor(.readable, on: pair.client.descriptor, until: &deadline), [])
        pair.server.take()?.close()
        deadline = Deadline(.seconds(5))
        XCTAssertEqual(try waitFor(.readable, on: pair.client.descriptor, until: &deadline), .readable)
    }

    func testNamesAreResolved() throws {
        XCTAssertEqual(try SocketAddress.resolve(host: "127.0.0.1", service: "7007"), [.loopback(7007)])
        XCTAssertThrowsError(try SocketAddress.resolve(host: "127.0.0.1", service: "no-such-service")) {
            XCTAssertTrue("\($0)".hasPrefix("getaddrinfo: "))
        }
    }
}
