import Course
import Foundation
import ReferenceEcho
import Sockets
import Supervision
import XCTest

/// Stage 5: the program sends back to one client what it receives, until that client's end of file.
final class SendRecvTests: StageTestCase {
    override class var stage: Stage { .sendRecv }

    /// Everything else depends on this one.
    func testStep1EchoesALine() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line, \"hello\"")
    }

    func testStep2TakesZeroBytesAsTheEnd() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEndOfFile(client)
        try server.subject.expectExit(0, after: "ended the client's side: recv(2) returned 0")
        try server.subject.expectOutput(["listening on \(server.address)", "accepted \(client.localAddress)"])
    }

    func testStep2ReceivesAgainAfterASignal_SendRecv() throws {
        let (server, client) = try checkReceivesAgainAfterASignal()
        try server.expectEndOfFile(client)
        try server.subject.expectExit(0, after: "interrupted recv(2), then ended the client's side")
    }

    func testStep2WaitsForBytesWithoutBurningProcessorTime() throws {
        let (server, client) = try startServerWithClient()
        try server.expectEcho(of: Array("hello\n".utf8), by: client, "a line")
        try server.subject.expectIdle(while: "the client sends nothing")
    }

    func testStep3SendsTheRestAfterAShortSend_SendRecv() throws {
        try checkSendsTheRestAfterAShortSend()
    }

    func testStep3SendsAgainAfterASignal_SendRecv() throws {
        try checkSendsAgainAfterASignal()
    }

    func testStep3ServesAClientThatReadsLate_SendRecv() throws {
        try checkServesAClientThatReadsLate()
    }

    func testStep3SurvivesAClientThatIsGone_SendRecv() throws {
        try checkNotEndedBySIGPIPE()
    }

    func testStep1EchoesBytesOfEveryValue() throws {
        let (server, client) = try startServerWithClient()
        let values = Payload.everyByteValue
        try server.expectEcho(
            of: Array(values[128...] + values[..<128]),
            by: client,
            "each of the 256 byte values, from 128 up, then from 0 up"
        )
        try server.expectEcho(of: Payload.invalidUTF8, by: client, "bytes that are not UTF-8")
        try server.expectEcho(of: [0], by: client, "one byte, of value 0")
    }

    func testStep1EchoesAsItComes() throws {
        let (server, client) = try startServerWithClient()
        for byte in "a line in pieces\n".utf8 {
            try server.expectEcho(of: [byte], by: client, "one byte, and no newline yet")
        }
    }

    func testStep2AnswersAClientThatHalfClosesAndThenReads() throws {
        try checkAnswersAfterTheEndOfFile()
    }

    func testStep3AnswersAsTheReferenceDoes_SendRecv() throws {
        try checkAnswersAsTheReferenceDoes()
    }

    func testStep3AcceptsAgainAfterASignal_SendRecv() throws {
        try checkAcceptsAgainAfterASignal()
    }

    func testStep3ServesOnThePortThatItIsTold_SendRecv() throws {
        try checkListensOnThePortThatItIsTold()
        try checkListensOnNoOtherAddress()
    }

    func testStep3IsRefusedAPortThatIsTaken_SendRecv() throws {
        try checkRefusesAPortThatIsTaken()
    }

    func testStep3StartsAgainAtOnce_SendRecv() throws {
        try checkStartsAgainAtOnce()
    }

    func testStep3RefusesWrongArguments_SendRecv() throws {
        try checkRefuses(Self.wrongPorts)
    }
}
