//! What a proxy keeps for its filters: shared data and metrics, and how they fail.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use proxy_wasm_host::abi::v0_2_1::types::{MetricType, Status};
use proxy_wasm_host::abi::v0_2_1::{
    InMemoryStore, Invocation, MetricId, SharedServices, SharedValue,
};

/// What does not work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// All does.
    None,
    /// Nothing is there.
    Gone,
    /// It answers what the ABI does not foresee.
    Broken,
    /// So many writes come too late: somebody else was there first.
    Late(u32),
    /// There are no metrics.
    NoMetrics,
}

/// The data that filters share, in memory.
pub struct Store {
    memory: InMemoryStore,
    fault: Mutex<Fault>,
    /// How often somebody wrote.
    pub writes: AtomicU32,
    /// How much is under each name.
    sizes: Mutex<HashMap<Vec<u8>, usize>>,
}

impl Store {
    pub fn new() -> Store {
        Store {
            memory: InMemoryStore::new(),
            fault: Mutex::new(Fault::None),
            writes: AtomicU32::new(0),
            sizes: Mutex::default(),
        }
    }

    pub fn fail(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
        self.writes.store(0, Ordering::Relaxed);
    }

    /// How many bytes are kept, under how many names.
    pub fn size(&self) -> (usize, usize) {
        let sizes = self.sizes.lock().unwrap();
        (sizes.values().sum(), sizes.len())
    }

    fn fault(&self) -> Fault {
        *self.fault.lock().unwrap()
    }
}

impl SharedServices for Store {
    fn get_shared_data(
        &self,
        call: Invocation,
        vm_id: &[u8],
        key: &[u8],
    ) -> Result<SharedValue, Status> {
        match self.fault() {
            Fault::Gone => Err(Status::NotFound),
            Fault::Broken => Err(Status::InternalFailure),
            _ => self.memory.get_shared_data(call, vm_id, key),
        }
    }

    fn set_shared_data(
        &self,
        call: Invocation,
        vm_id: &[u8],
        key: &[u8],
        value: &[u8],
        cas: Option<u32>,
    ) -> Result<(), Status> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        self.sizes.lock().unwrap().insert(key.to_vec(), value.len());
        let mut fault = self.fault.lock().unwrap();
        match *fault {
            Fault::Late(left) if left > 0 && cas.is_some() => {
                *fault = Fault::Late(left - 1);
                // As if somebody had written what is there once more.
                let there = self.memory.get_shared_data(call, vm_id, key)?;
                self.memory.set_shared_data(call, vm_id, key, &there.bytes, None)?;
                self.memory.set_shared_data(call, vm_id, key, value, cas)
            }
            Fault::Broken => Err(Status::InternalFailure),
            _ => self.memory.set_shared_data(call, vm_id, key, value, cas),
        }
    }

    fn define_metric(
        &self,
        call: Invocation,
        vm_id: &[u8],
        kind: MetricType,
        name: &[u8],
    ) -> Result<MetricId, Status> {
        if self.fault() == Fault::NoMetrics {
            return Err(Status::NotFound);
        }
        self.memory.define_metric(call, vm_id, kind, name)
    }

    fn record_metric(&self, call: Invocation, metric: MetricId, value: u64) -> Result<(), Status> {
        self.memory.record_metric(call, metric, value)
    }

    fn increment_metric(
        &self,
        call: Invocation,
        metric: MetricId,
        delta: i64,
    ) -> Result<(), Status> {
        self.memory.increment_metric(call, metric, delta)
    }
}
