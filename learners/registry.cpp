#include "learners/registry.h"

#include "core/error.h"
#include "core/spelling.h"
#include "learners/supervised.h"

namespace fewer {
namespace {

template <class L>
std::unique_ptr<Learner> make() {
  return std::make_unique<L>();
}

constexpr auto kPlanned = MethodStatus::kPlanned;
constexpr auto kWorks = MethodStatus::kWorks;

constexpr MethodEntry kMethods[] = {
    {"supervised", "supervised", kWorks, "Plain training with labels: the baseline of everything below", make<Supervised>},

    {"model_compression", "knowledge_transfer/model_compression", kPlanned, "Bucila, Caruana, Niculescu-Mizil 2006, Model Compression", nullptr},
    {"soft_targets", "knowledge_transfer/soft_targets", kPlanned, "Hinton, Vinyals, Dean 2014, Distilling the Knowledge in a Neural Network", nullptr},
    {"fitnets", "knowledge_transfer/fitnets", kPlanned, "Romero et al. 2015, FitNets: Hints for Thin Deep Nets", nullptr},
    {"dominant_kernel", "knowledge_transfer/dominant_kernel", kPlanned, "Wang, Deng, Wang 2016, Dominant Convolutional Kernel and Knowledge Pre-regression", nullptr},
    {"attention_transfer", "knowledge_transfer/attention_transfer", kPlanned, "Zagoruyko, Komodakis 2017, Paying More Attention to Attention", nullptr},
    {"fsp", "knowledge_transfer/fsp", kPlanned, "Yim, Joo, Bae, Kim 2017, A Gift from Knowledge Distillation", nullptr},
    {"neuron_selectivity", "knowledge_transfer/neuron_selectivity", kPlanned, "Huang, Wang 2017, Like What You Like: Neuron Selectivity Transfer", nullptr},

    {"weights_and_connections", "pruning/weights_and_connections", kPlanned, "Han, Pool, Tran, Dally 2015, Learning both Weights and Connections", nullptr},
    {"filter_pruning", "pruning/filter_pruning", kPlanned, "Li, Kadav, Durdanovic, Samet, Graf 2017, Pruning Filters for Efficient ConvNets", nullptr},
    {"channel_pruning", "pruning/channel_pruning", kPlanned, "He, Zhang, Sun 2017, Channel Pruning for Accelerating Very Deep Networks", nullptr},
    {"thinet", "pruning/thinet", kPlanned, "Luo, Wu, Lin 2017, ThiNet: A Filter Level Pruning Method", nullptr},
    {"taylor_pruning", "pruning/taylor_pruning", kPlanned, "Molchanov, Tyree, Karras, Aila, Kautz 2017, Pruning for Resource Efficient Inference", nullptr},

    {"binarized_network", "quantization/binarized_network", kPlanned, "Courbariaux, Hubara, Soudry, El-Yaniv, Bengio 2016, Binarized Neural Networks", nullptr},
    {"xnor_net", "quantization/xnor_net", kPlanned, "Rastegari, Ordonez, Redmon, Farhadi 2016, XNOR-Net", nullptr},

    {"siamese", "few_shot/siamese", kPlanned, "Koch, Zemel, Salakhutdinov 2015, Siamese Neural Networks for One-shot Image Recognition", nullptr},
    {"matching_networks", "few_shot/matching_networks", kPlanned, "Vinyals et al. 2016, Matching Networks for One Shot Learning", nullptr},
    {"mann", "few_shot/mann", kPlanned, "Santoro et al. 2016, Meta-Learning with Memory-Augmented Neural Networks", nullptr},
    {"snail", "few_shot/snail", kPlanned, "Mishra, Rohaninejad, Chen, Abbeel 2018, Meta-Learning with Temporal Convolutions; SNAIL", nullptr},
    {"maml", "few_shot/maml", kPlanned, "Finn, Abbeel, Levine 2017, Model-Agnostic Meta-Learning", nullptr},
    {"meta_networks", "few_shot/meta_networks", kPlanned, "Munkhdalai, Yu 2017, Meta Networks", nullptr},
};

}  // namespace

const char* to_string(MethodStatus status) {
  switch (status) {
    case MethodStatus::kPlanned: return "planned";
    case MethodStatus::kWorks: return "works";
    case MethodStatus::kReproduced: return "reproduced";
  }
  return "";
}

std::span<const MethodEntry> method_registry() { return kMethods; }

const MethodEntry& method_entry(const std::string& name) {
  std::vector<std::string> names;
  for (const MethodEntry& method : kMethods) {
    if (method.name == name) return method;
    names.push_back(method.name);
  }
  fail_config("unknown method \"", name, "\"", did_you_mean(name, names), "; `trainer list methods` shows all");
}

std::unique_ptr<Learner> make_learner(const std::string& name) {
  const MethodEntry& method = method_entry(name);
  if (!method.make)
    fail_config("method \"", name, "\" is planned but not there yet; `trainer list methods` shows which ones work");
  return method.make();
}

}  // namespace fewer
