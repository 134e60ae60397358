import LabSupport

/// A call that failed, with the reason that it left in errno.
struct CallFailed: Error {
    let text: String

    init(call: String) {
        text = "\(call): \(String(cString: strerror(errno)))"
    }
}
