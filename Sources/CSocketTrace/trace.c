int socket_trace_dummy;
