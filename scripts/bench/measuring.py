"""Shared by the benchmarks: the machine, child processes with their peak memory, and the library that mends MKL on AMD."""
import atexit, os, pathlib, platform, shutil, subprocess, sys, tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ATTUNE = ROOT / ".build/release/attune"
BENCH = ROOT / ".build/release/attune-bench"


def machine():
    cpu = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
    flags = next((l for l in open("/proc/cpuinfo") if l.startswith("flags")), "").split()
    return {"cpu": cpu, "cores": os.cpu_count(), "avx512_bf16": "avx512_bf16" in flags, "amx_bf16": "amx_bf16" in flags,
            "load_average": round(os.getloadavg()[0], 2)}


def run(command, mended=False, **kw):
    """Runs a command; returns its standard output and its own peak memory in MB. `mended`: see mkl_library."""
    environment = {**os.environ, **({"LD_PRELOAD": mkl_library()} if mended else {})}
    with tempfile.NamedTemporaryFile() as usage:
        wrapped = [sys.executable, "-c", "import resource,subprocess,sys\nr=subprocess.run(sys.argv[2:]).returncode\n"
                   "open(sys.argv[1],'w').write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024))\nsys.exit(r)", usage.name]
        out = subprocess.run(wrapped + [str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True, env=environment, **kw).stdout
        return out, float(pathlib.Path(usage.name).read_text())


_library = None


def mkl_library():
    """MKL asks a function of its own whether the processor is Intel's, and takes a slow path where it is not. Attune defines that
    function (ATTUNE_MKL_AMD=0 turns it off); this library does the same for a peer through LD_PRELOAD."""
    global _library
    if not _library:
        folder = tempfile.mkdtemp()
        atexit.register(shutil.rmtree, folder)
        source = "int mkl_serv_intel_cpu_true(void) { return 1; }\nint mkl_serv_intel_cpu(void) { return 1; }\n"
        _library = folder + "/mkl_on_amd.so"
        subprocess.run([os.environ.get("CC", "clang"), "-shared", "-fPIC", "-x", "c", "-", "-o", _library], input=source, text=True, check=True)
    return _library
