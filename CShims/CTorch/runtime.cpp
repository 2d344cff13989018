// Errors, versions, threads, devices, memory figures, thread modes and random generators.
#include "support.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <dlfcn.h>

// Declared here because <ATen/autocast_mode.h> costs seconds of compile time for these six.
namespace at::autocast {
bool is_autocast_enabled(at::DeviceType);
void set_autocast_enabled(at::DeviceType, bool);
at::ScalarType get_autocast_dtype(at::DeviceType);
void set_autocast_dtype(at::DeviceType, at::ScalarType);
void clear_cache();
int increment_nesting();
int decrement_nesting();
}  // namespace at::autocast

namespace ct {
std::atomic<int64_t> live{0};
static thread_local std::string last_error;
void record(const char *message) { last_error = message ? message : ""; }
ct_status record(const c10::Error &error) {
  record(error.what_without_backtrace());
  if (dynamic_cast<const c10::OutOfMemoryError *>(&error)) return CT_OUT_OF_MEMORY;
  // The host's allocator fails an ordinary check; its words are all that tells.
  auto host = last_error.find("DefaultCPUAllocator: ");
  if (host == std::string::npos) return CT_FAILED;
  last_error.erase(0, host);
  return CT_OUT_OF_MEMORY;
}

at::ScalarType scalar_type(int32_t dtype) {
  static constexpr at::ScalarType types[] = {at::kByte, at::kChar, at::kShort, at::kInt, at::kLong,
                                             at::kHalf, at::kBFloat16, at::kFloat, at::kDouble, at::kBool};
  TORCH_CHECK(dtype >= 0 && dtype <= CT_BOOL, "unknown dtype code ", dtype);
  return types[dtype];
}

at::Device device(int32_t kind, int32_t index) {
  if (kind == CT_CPU) return at::Device(at::kCPU);
  auto accelerator = at::getAccelerator(false);
  TORCH_CHECK(accelerator.has_value(), "this libtorch has no accelerator");
  return at::Device(*accelerator, static_cast<c10::DeviceIndex>(index));
}

static at::DeviceType device_type(int32_t kind) { return device(kind, 0).type(); }
static at::Generator &borrow(ct_generator *generator) { return *reinterpret_cast<at::Generator *>(generator); }
}  // namespace ct

using namespace ct;

// MKL takes a slow path on processors that are not Intel's unless this answers 1: 1.8x on fp32 products of AMD machines
// with AVX2. Symbol order makes libtorch's static MKL find ours. ATTUNE_MKL_AMD=0 gives the stock behaviour back.
static int fast_mkl() {
  const char *off = getenv("ATTUNE_MKL_AMD");
  return !(off && off[0] == '0' && !off[1]) && __builtin_cpu_supports("avx2");
}
CT_API int mkl_serv_intel_cpu_true(void) { return fast_mkl(); }
CT_API int mkl_serv_intel_cpu(void) { return fast_mkl(); }

const char *ct_last_error(void) { return last_error.c_str(); }
const char *ct_compiled_version(void) { return TORCH_VERSION; }

const char *ct_loaded_version(void) {
  static const std::string version = [] {
    // "PyTorch built from git..." carries no version; the symbol table does: libtorch exports it through show_config.
    std::string text = at::show_config();
    auto key = text.find("TORCH_VERSION=");
    if (key == std::string::npos) return std::string("unknown");
    auto start = key + 14;
    return text.substr(start, text.find_first_of(", \n", start) - start);
  }();
  return version.c_str();
}

const char *ct_cpu_capability(void) {
  static const std::string capability = at::get_cpu_capability();
  return capability.c_str();
}

int64_t ct_live_tensors(void) { return live.load(std::memory_order_relaxed); }

int32_t ct_get_threads(void) { return at::get_num_threads(); }
void ct_set_threads(int32_t count) { at::set_num_threads(count); }
void ct_set_deterministic(bool on) { at::globalContext().setDeterministicAlgorithms(on, false); }

ct_status ct_load_accelerator(void) {
  return guard([] {
    static bool tried = false;
    if (tried) return;
    tried = true;
    Dl_info info;
    if (!dladdr(reinterpret_cast<void *>(&at::get_num_threads), &info) || !info.dli_fname) return;
    std::string path(info.dli_fname);
    path = path.substr(0, path.find_last_of('/')) + "/libtorch_cuda.so";
    FILE *file = fopen(path.c_str(), "rb");
    if (!file) return;
    fclose(file);
    TORCH_CHECK(dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL), "cannot load ", path, ": ", dlerror());
  });
}

int32_t ct_accelerator_count(void) {
  try {
    if (!at::getAccelerator(false).has_value()) return 0;
    return at::accelerator::deviceCount();
  } catch (...) {
    return 0;
  }
}

const char *ct_accelerator_name(void) {
  static std::string name;
  auto accelerator = at::getAccelerator(false);
  name = accelerator.has_value() ? c10::DeviceTypeName(*accelerator, true) : "";
  return name.c_str();
}

ct_status ct_synchronize(int32_t index) {
  return guard([&] { at::accelerator::synchronizeDevice(static_cast<c10::DeviceIndex>(index)); });
}

ct_status ct_accelerator_memory(int32_t index, int64_t *allocated, int64_t *peak, int64_t *free_bytes, int64_t *total) {
  return guard([&] {
    auto stats = at::accelerator::getDeviceStats(static_cast<c10::DeviceIndex>(index));
    auto &bytes = stats.allocated_bytes[0];
    *allocated = bytes.current;
    *peak = bytes.peak;
    auto [available, all] = at::accelerator::getMemoryInfo(static_cast<c10::DeviceIndex>(index));
    *free_bytes = static_cast<int64_t>(available);
    *total = static_cast<int64_t>(all);
  });
}

ct_status ct_reset_peak_memory(int32_t index) {
  return guard([&] { at::accelerator::resetPeakStats(static_cast<c10::DeviceIndex>(index)); });
}

bool ct_grad_enabled(void) { return c10::GradMode::is_enabled(); }
void ct_set_grad_enabled(bool on) { c10::GradMode::set_enabled(on); }

void ct_autocast_enter(int32_t kind, int32_t dtype, bool *was_on, int32_t *was_dtype) {
  auto type = device_type(kind);
  *was_on = at::autocast::is_autocast_enabled(type);
  *was_dtype = at::autocast::get_autocast_dtype(type) == at::kHalf ? CT_F16 : CT_BF16;
  at::autocast::set_autocast_enabled(type, true);
  at::autocast::set_autocast_dtype(type, scalar_type(dtype));
  at::autocast::increment_nesting();
}

void ct_autocast_leave(int32_t kind, bool was_on, int32_t was_dtype) {
  auto type = device_type(kind);
  if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
  at::autocast::set_autocast_enabled(type, was_on);
  at::autocast::set_autocast_dtype(type, scalar_type(was_dtype));
}

ct_status ct_generator_new(int32_t kind, int32_t index, uint64_t seed, ct_generator **out) {
  return guard([&] {
    auto generator = kind == CT_CPU ? at::make_generator<at::CPUGeneratorImpl>(seed)
                                    : at::globalContext().defaultGenerator(device(kind, index)).clone();
    generator.set_current_seed(seed);
    *out = reinterpret_cast<ct_generator *>(new at::Generator(generator));
  });
}

ct_status ct_generator_default(int32_t kind, int32_t index, ct_generator **out) {
  return guard([&] {
    *out = reinterpret_cast<ct_generator *>(new at::Generator(at::globalContext().defaultGenerator(device(kind, index))));
  });
}

void ct_generator_free(ct_generator *generator) { delete reinterpret_cast<at::Generator *>(generator); }

ct_status ct_generator_seed(ct_generator *generator, uint64_t seed) {
  return guard([&] { borrow(generator).set_current_seed(seed); });
}

ct_status ct_generator_random64(ct_generator *generator, uint64_t *out) {
  return guard([&] {
    auto &cpu = borrow(generator);
    std::lock_guard<std::mutex> lock(cpu.mutex());
    *out = at::check_generator<at::CPUGeneratorImpl>(cpu)->random64();
  });
}

ct_status ct_generator_state(const ct_generator *generator, ct_tensor **out) {
  return result(out, [&] { return borrow(const_cast<ct_generator *>(generator)).get_state(); });
}

ct_status ct_generator_set_state(ct_generator *generator, const ct_tensor *state) {
  return guard([&] { borrow(generator).set_state(ct::borrow(state)); });
}
