import Sockets

extension Script {
    /// What a server that is right makes of the script: plays it to one of our own.
    public func expectedTranscript() throws(SocketError) -> Transcript {
        let server = try EchoServer.start()
        defer { server.stop() }
        return try play(to: server.address)
    }

    /// Plays the script on a new connection to `server`.
    ///
    /// - Parameters:
    ///   - local: the address to connect from; nil leaves it to the kernel.
    ///   - patience: how long to wait when nothing moves.
    ///   - log: where each call of the client is written down; nil: nowhere.
    /// - Returns: what was seen. It ends where the server broke the connection, or where patience ran out.
    /// - Throws: `connect` with its errno(3) where there is no connection, and as ``play(by:)`` does.
    public func play(
        to server: SocketAddress,
        from local: SocketAddress? = nil,
        patience: Duration = .seconds(5),
        log: StepLog? = nil
    ) throws(SocketError) -> Transcript {
        try play(by: ScriptedClient(connectingTo: server, from: local, patience: patience, log: log))
    }

    /// Plays the script on the connection of `client`, which is new.
    ///
    /// - Returns: what was seen. It ends where the server broke the connection, or where patience ran out.
    /// - Throws: the call that failed, which none does but for want of memory, or where a step stands behind one that
    ///   closed the connection (`EBADF`): no script that was read has one.
    public func play(by client: ScriptedClient) throws(SocketError) -> Transcript {
        var transcript = Transcript()
        for step in steps {
            try step.play(by: client, into: &transcript)
            if let last = transcript.entries.last, last == .broken || last == .nothing { break }
        }
        return transcript
    }
}

extension Script.Step {
    fileprivate func play(by client: ScriptedClient, into transcript: inout Transcript) throws(SocketError) {
        switch self {
        case .send(let bytes):
            let count = try client.send(bytes)
            transcript.append(.sent(Array(bytes.prefix(count))))
            if count < bytes.count { transcript.append(try client.receiveWhatIsThere(), atLeast: .max) }
        case .receive(let count):
            transcript.append(try client.receive(count: count), atLeast: count)
        case .receiveAllSent:
            let count = max(0, client.sentCount - client.receivedCount)
            transcript.append(try client.receive(count: count), atLeast: count)
        case .halfClose:
            try client.halfClose()
            transcript.append(.halfClosed)
        case .receiveUntilEnd:
            transcript.append(try client.receiveUntilEnd(), atLeast: .max)
        case .reset:
            try client.reset()
            transcript.append(.reset)
        case .close:
            client.close()
            transcript.append(.closed)
        }
    }
}
