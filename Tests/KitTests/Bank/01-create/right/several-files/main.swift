// Several files, one of them in a subfolder; LabSupport beside Foundation; the socket is an object.
import Foundation
import LabSupport

noArguments(usage: "create")
do {
    let stream = try StreamSocket()
    announce("created socket \(stream.descriptor)")
    waitForEndOfInput()
} catch let error as CallFailed {
    try? FileHandle.standardError.write(contentsOf: Data("\(error.text)\n".utf8))
    exit(1)
}
