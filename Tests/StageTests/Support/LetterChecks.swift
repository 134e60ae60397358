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
        try server.expectAnswerToPartingWords(by: client)
    }

    func checkLeavesEveryOtherByteAsItIs() throws {
        let (server, client) = try startServerWithClient()
        let newline = UInt8(ascii: "\n")
        let values = Payload.everyByteValue
        let others = (values[128...] + values[..<128]).filter { $0 != newline } + [newline]
        let lines: [(String, [UInt8])] = [
            ("spaces, tabs and \\r around a line", Array(" \t a b \t \r\n".utf8)),
            ("a line that ends in a space", Array("a b \n".utf8)),
            ("the line \"straße, übel, é\", in UTF-8", Array("straße, übel, é\n".utf8)),
            ("bytes that are not UTF-8, and a newline", Payload.invalidUTF8 + Array("\n".utf8)),
            ("each of the 256 byte values, from 128 up, then from 0 up, the newline last", others),
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

/// Why a line came back with other letters, where what came points to it.
struct LetterCause {
    let text: String?

    init(_ received: [UInt8], to sent: [UInt8]) {
        let answer = sent.inCapitals
        // Where bytes are missing or too many, those that differ are not each other's.
        guard received.count == sent.count,
            let index = answer.indices.first(where: { answer[$0] != received[$0] })
        else {
            text = nil
            return
        }
        let (byte, came) = (sent[index], received[index])
        let isSmall = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
        if isSmall, came == byte {
            text = "\(Self.name(byte)) came back as it was: a to z change, both included"
        } else if !isSmall, came == byte ^ 0x20 || came == byte &- 0x20 {
            text = "\(Self.name(byte)) was changed: only a to z are"
        } else if byte > 0x7F {
            text = "\(Self.name(byte)) was changed: only a to z are, and no byte above 0x7F"
        } else {
            text = nil
        }
    }

    private static func name(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        let number = "the byte 0x\(digits.count == 1 ? "0" : "")\(digits)"
        return 0x21...0x7E ~= byte ? "\(number), \"\(UnicodeScalar(byte))\"," : number
    }
}
