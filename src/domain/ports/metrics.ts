/** One request, when its answer is over. */
export interface ObservedRequest {
  /** The pattern of the route, such as `/v1/images/:id`, never a path as sent: there are as many time series as values. */
  readonly route: string;
  /** One of a fixed set, for the same reason. */
  readonly method: string;
  /** 499 when the client left before there was an answer. */
  readonly status: number;
  readonly seconds: number;
  /** Bytes of the request on the wire, headers included. */
  readonly received: number;
  /** Bytes of the answer on the wire, headers included. */
  readonly sent: number;
}

/** What is counted for the operator's monitoring. A server that is not monitored has none. */
export interface Metrics {
  request(observed: ObservedRequest): void;
  /** A call of a store begins; what comes back is to be called when it is over. */
  storeCall(store: string, operation: string): () => void;
  /** A call of the registry begins (`images.get`); what comes back is to be called when it is over. */
  databaseCall(operation: string): () => void;
}
