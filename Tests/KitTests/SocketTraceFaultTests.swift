import Foundation
import Supervision
import XCTest

/// The recorder of socket calls: what it makes happen to calls when it is asked to.
final class SocketTraceFaultTests: XCTestCase {
    func testEveryFamilyFailsAsItIsAsked() throws {
        var families = [
            "socket": "socket", "bind": "bind", "listen": "listen", "setsockopt": "setsockopt",
            "getsockname": "getsockname", "getpeername": "getpeername", "connect": "connect",
            "shutdown": "shutdown", "close": "close:3", "fork": "fork", "accept": "accept",
            "recv": "recv recvfrom recvmsg read:3 readv:3", "send": "send sendto sendmsg write:3 writev:3",
            "poll": "poll:3 select:3 pselect:3",
        ]
        #if os(Linux)
        families["accept"]! += " accept4"
        families["recv"]! += " raw_read:3"
        families["send"]! += " sendmmsg"
        families["poll"]! += " ppoll epoll_wait epoll_pwait"
        families["socket"]! += " raw_socket"
        #endif
        for (family, words) in families {
            let seen = try trace("pair \(words)", faults: "\(family):*:ENOBUFS")
            let names = words.split(separator: " ").map { String($0.prefix { $0 != ":" }) }
            XCTAssertEqual(seen.outputLines, names.map { failed($0, ENOBUFS) }, family)
            XCTAssertEqual(seen.records.filter(\.hasReturned).map(\.sign), names.map { _ in "*" }, family)
        }
    }

    /// These return their error, and leave errno alone.
    func testASpawnFailsAsForkDoes() throws {
        let seen = try trace("posix_spawn posix_spawnp fork posix_spawn", faults: "fork:1,2,3:EAGAIN")
        let names = ["posix_spawn", "posix_spawnp"]
        XCTAssertEqual(
            seen.outputLines,
            names.map { "\($0) \(EAGAIN) 0" } + [failed("fork", EAGAIN), "posix_spawn 0 0"]
        )
        XCTAssertEqual(seen.calls(.fork).map(\.sign), ["*", "*", "*", "<"])
    }

    func testTransfersAreShort() throws {
        for name in ["send", "sendto", "sendmsg", "write", "writev"] {
            let seen = try trace("pair \(name):3 recv:4", faults: "send:1:short=3")
            XCTAssertEqual(seen.outputLines, ["\(name) 3 0", "recv 3 0 hel"])
            XCTAssertEqual(seen.calls(.send).map(\.sign), ["*"])
        }
        for name in ["recv", "recvfrom", "recvmsg", "read", "readv"] {
            let seen = try trace("pair send:3 \(name):4 \(name):4", faults: "recv:1:short=3")
            XCTAssertEqual(seen.outputLines, ["send 5 0", "\(name) 3 0 hel", "\(name) 2 0 lo"])
            XCTAssertEqual(seen.calls(.recv).map(\.sign), ["*", "<"])
        }
        // What would have been as short anyway is no work of the recorder's.
        let seen = try trace("pair send:3 recv:4", faults: "send:*:short=5;recv:*:short=6")
        XCTAssertEqual(seen.outputLines, ["send 5 0", "recv 5 0 hello"])
        XCTAssertEqual(seen.records.filter(\.hasReturned).map(\.sign), ["<", "<"])
    }

    func testACallThatWaitsIsNotToldThatItWould() throws {
        let faults = "send:*:EAGAIN;recv:*:EAGAIN"
        let waiting = try trace("pair send:3 recv:4", faults: faults)
        XCTAssertEqual(waiting.outputLines, ["send 5 0", "recv 5 0 hello"])
        XCTAssertEqual(waiting.records.filter(\.hasReturned).map(\.sign), ["<", "<"])
        let other = try trace("pair unblock:3 unblock:4 send:3 recv:4", faults: faults)
        XCTAssertEqual(
            other.outputLines,
            ["fcntl 0 0", "fcntl 0 0", failed("send", EAGAIN), failed("recv", EAGAIN)]
        )
    }

    func testOnlyASocketWithATimeOutIsToldThatItIsOver() throws {
        let faults = "send:*:timeout;recv:*:timeout"
        let patient = try trace("pair send:3 recv:4", faults: faults)
        XCTAssertEqual(patient.outputLines, ["send 5 0", "recv 5 0 hello"])
        let other = try trace("pair limit:3 limit:4 send:3 recv:4", faults: faults)
        XCTAssertEqual(Array(other.outputLines.suffix(2)), [failed("send", EAGAIN), failed("recv", EAGAIN)])
        XCTAssertEqual(other.calls(.recv).map(\.phase), [.returnedOnRequest])
    }

    func testASleepIsOverAtOnce() throws {
        let seen = try trace("sleep:0:600 usleep:0:600000 nanosleep:0:600", faults: "sleep:*:timeout")
        XCTAssertEqual(seen.outputLines, ["sleep 0 0", "usleep 0 0", "nanosleep 0 0"])
        XCTAssertEqual(seen.calls(.sleep).map(\.sign), ["*", "*", "*"])
        XCTAssertEqual(seen.calls(.sleep).flatMap(\.arguments), ["600000ms", "600ms", "1ms"])
        #if os(Linux)
        // The second one is for a point in time.
        let other = try trace("clock_nanosleep:0:600 clock_nanosleep", faults: "sleep:1:timeout")
        XCTAssertEqual(other.outputLines, ["clock_nanosleep 0 0", "clock_nanosleep 0 0"])
        XCTAssertEqual(
            other.records.map(\.sign),
            ["!", ">", "*", "<"],
            "of a time that has passed nobody waits"
        )
        #endif
        let unasked = try trace("usleep:0:1500")
        XCTAssertEqual(unasked.records.map(\.sign), ["!", ">", "<"])
    }

    func testALateCallIsEnteredBeforeItWaits() throws {
        for (words, family) in [
            ("pair recv:4", "recv"), ("pair listen:3", "listen"), ("pair close:3", "close"),
        ] {
            let program = try start(words, faults: "\(family):1:late=600000")
            let entered = program.wait(.seconds(10)) { $0.blockedCalls.first }
            XCTAssertEqual(entered?.name, family)
            XCTAssertEqual(entered?.result, nil)
            XCTAssertEqual(program.observed.records.map(\.sign), ["!", ">"])
            program.end(.kill)
        }
        let seen = try trace("pair send:3 recv:4 shutdown:3", faults: "recv:*:late=1;shutdown:*:late=1")
        XCTAssertEqual(seen.outputLines, ["send 5 0", "recv 5 0 hello", "shutdown 0 0"])
        XCTAssertEqual(seen.records.map(\.sign), ["!", ">", "<", ">", "<", ">", "<"])
    }

    func testAFailedCallHasNotTouchedTheSocket() throws {
        let seen = try trace(
            "pair send:3 send:3 recv:4 recv:4 shutdown:3 send:3",
            faults: "send:1:EINTR;recv:1:EINTR;shutdown:1:ENOTCONN"
        )
        XCTAssertEqual(
            seen.outputLines,
            [
                failed("send", EINTR), "send 5 0", failed("recv", EINTR), "recv 5 0 hello",
                failed("shutdown", ENOTCONN), "send 5 0",
            ]
        )
    }

    func testAnInterruptedCloseHasClosed() throws {
        let seen = try trace("pair close:3 recv:4 close:3", faults: "close:1:EINTR")
        XCTAssertEqual(seen.outputLines, [failed("close", EINTR), "recv 0 0", failed("close", EBADF)])
        XCTAssertEqual(seen.calls(.close).map(\.sign), ["*", "<"])
    }

    func testAnInterruptedConnectGoesOn() throws {
        let words =
            "socket bind:3 listen:3 getsockname:3 socket connect:4 fcntl:4 poll:4 accept:3 send:4 recv:5"
        let before = try trace(words)
        for (name, error) in [("EINTR", EINTR), ("EINPROGRESS", EINPROGRESS)] {
            let seen = try trace(words, faults: "connect:*:\(name)")
            XCTAssertEqual(seen.outputLines[5], failed("connect", error))
            XCTAssertEqual(seen.calls(.connect).map(\.sign), ["*"])
            // All the rest as ever, the flags of the socket too.
            XCTAssertEqual(seen.outputLines[6...], before.outputLines[6...])
        }
    }

    func testAConnectThatCanNotBeginTellsTheTrueError() throws {
        let words = "socket bind:3 listen:3 getsockname:3 socket connect:4 connect:4"
        let seen = try trace(words, faults: "connect:2:EINTR")
        XCTAssertEqual(seen.outputLines.last, failed("connect", EISCONN))
        XCTAssertEqual(seen.calls(.connect).map(\.sign), ["<", "<"])
    }

    func testLookupsAreAnsweredFromTheList() throws {
        let hosts = "127.0.0.2,[::1]:9,127.0.0.1:80"
        let seen = try trace("getaddrinfo getaddrinfo_4 getaddrinfo_numeric", hosts: hosts)
        XCTAssertEqual(
            seen.outputLines,
            [
                "getaddrinfo 0 0 127.0.0.2|7007 ::1|9 127.0.0.1|80",
                "getaddrinfo_4 0 0 127.0.0.2|7007 127.0.0.1|80",
                "getaddrinfo_numeric 0 0 127.0.0.2|7007 ::1|9 127.0.0.1|80",
            ]
        )
        let first = try XCTUnwrap(seen.calls(.getaddrinfo).first)
        XCTAssertEqual(
            [first.sign] + first.arguments,
            ["*", "name.invalid", "7007", "AF_UNSPEC", "SOCK_STREAM", "127.0.0.2:7007,[::1]:9,127.0.0.1:80"]
        )
    }

    func testLookupsFail() throws {
        let none = "getaddrinfo \(EAI_NONAME) 0"
        XCTAssertEqual(try trace("getaddrinfo", hosts: "").outputLines, [none])
        XCTAssertEqual(
            try trace("getaddrinfo_4", hosts: "[::1]").outputLines,
            ["getaddrinfo_4 \(EAI_NONAME) 0"]
        )
        let bad = try trace("getaddrinfo", hosts: "localhost,127.0.0.1:x,[::1,127.0.0.1:65536")
        XCTAssertEqual(bad.outputLines, [none])
        XCTAssertEqual(bad.records.filter { $0.name == "bad-host" }.count, 4)
        let again = try trace(
            "getaddrinfo getaddrinfo",
            faults: "getaddrinfo:1:EAI_AGAIN",
            hosts: "127.0.0.1"
        )
        XCTAssertEqual(again.outputLines, ["getaddrinfo \(EAI_AGAIN) 0", "getaddrinfo 0 0 127.0.0.1|7007"])
        XCTAssertEqual(again.calls(.getaddrinfo).first?.arguments.last, "EAI_AGAIN")
    }
}
