import ReferenceEcho
import Supervision

/// What a server is asked for that makes letters capitals, and lets all other bytes be.
extension StageTestCase {
    func checkMakesEveryLetterACapital() throws {
        let (server, client) = try startServerWithClient()
        for line in ["abcdefghijklmnopqrstuvwxyz\n", "ABCDEFGHIJKLMNOPQRSTUVWXYZ\n", "Mixed Case, 4 words\n"]
        {
            try server.expectEcho(of: Array(line.utf8), by: client, "the line \(line.debugDescription)")
        }
    }

    func checkLeavesEveryOtherByteAsItIs() throws {
        let (server, client) = try startServerWithClient()
        let others = Payload.everyByteValue.filter { $0 != UInt8(ascii: "\n") }
        let lines: [(String, [UInt8])] = [
            ("spaces, tabs and \\r around a line", Array(" \t a b \t \r\n".utf8)),
            ("the line \"straße, übel, é, ﬁ\", in UTF-8", Array("straße, übel, é, ﬁ\n".utf8)),
            ("bytes that are not UTF-8, and a newline", Payload.invalidUTF8 + Array("\n".utf8)),
            ("each of the 256 byte values, the newline at the end", others + Array("\n".utf8)),
            ("a zero byte, and a newline", Array("\0\n".utf8)),
        ]
        for (what, line) in lines { try server.expectEcho(of: line, by: client, what) }
    }
}

extension [UInt8] {
    /// With the letters a to z as A to Z.
    var inCapitals: [UInt8] {
        map { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 ? $0 & ~0x20 : $0 }
    }
}

/// Why an answer is not the line in capitals, where what came points to it.
struct CapitalCause {
    let text: String?

    init(_ received: [UInt8], to sent: [UInt8]) {
        let answer = sent.inCapitals
        let common = zip(answer, received).prefix { $0 == $1 }.count
        text = Self.fromLength(received, answer, common) ?? Self.fromByte(at: common, received, sent)
    }

    /// Bytes that are missing, or too many.
    private static func fromLength(_ received: [UInt8], _ answer: [UInt8], _ common: Int) -> String? {
        let newline = UInt8(ascii: "\n")
        if common == received.count, common + 1 == answer.count, answer.last == newline {
            return "the newline is part of the line, and goes back with it"
        }
        if received.count < answer.count, !received.isEmpty, answer.last == newline {
            if common == received.count, answer[common - 1] == newline {
                return "what one recv(2) brings may be several lines: after the first newline there is more"
            }
            if common < received.count, answer.reversed().starts(with: received.reversed()) {
                return "the start is missing: it came with an earlier recv(2), and belongs to the same line"
            }
        }
        return nil
    }

    /// The first byte that differs.
    private static func fromByte(at index: Int, _ received: [UInt8], _ sent: [UInt8]) -> String? {
        guard index < received.count, index < sent.count else { return nil }
        let (byte, came) = (sent[index], received[index])
        let isLetter = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        if isLetter, came == byte {
            return "\(name(byte)) came back as it was: a to z change, both included"
        }
        if !isLetter, came == byte ^ 0x20 || came == byte &- 0x20 {
            return "\(name(byte)) was changed: only a to z are"
        }
        if byte > 0x7F {
            return "\(name(byte)) was changed: in UTF-8 that is a part of a character, and only a to z change"
        }
        return nil
    }

    private static func name(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        let number = "the byte 0x\(digits.count == 1 ? "0" : "")\(digits)"
        return 0x21...0x7E ~= byte ? "\(number), \"\(UnicodeScalar(byte))\"," : number
    }
}
